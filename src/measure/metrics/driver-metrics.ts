import * as builtin from './builtin-metrics.ts';
import type { MetricDeclaration } from './metric.ts';

/** Names of what loadgen measures itself. */
const BUILT_IN_METRICS: ReadonlySet<string> = new Set(
  Object.values(builtin).map(({ name }) => name),
);

const IN_WINDOW = '_in_window';

/** What begins with it was seen of a server. */
const SERVER_PREFIX = 'server_';

/** What stands beside the metrics of a driver that may have many values an operation. */
export const SAMPLES_LEFT_OUT: MetricDeclaration = {
  name: 'samples_left_out',
  kind: 'counter',
  unit: 'count',
  description: 'Values of one operation beyond those that are kept of it, in no histogram.',
  better: 'lower',
};

/** The part of a counter that was counted by operations which ended between T0 and T1. */
export function inWindowOf(counter: MetricDeclaration): MetricDeclaration {
  const { name, unit, better } = counter;
  return {
    name: inWindowName(name),
    kind: 'counter',
    unit,
    description: `${name} of operations that ended between T0 and T1, of whatever phase.`,
    better,
  };
}

export function inWindowName(counter: string): string {
  return `${counter}${IN_WINDOW}`;
}

/** Whether the name stands for something that loadgen counts itself, whatever is declared. */
export function isReservedMetric(name: string): boolean {
  return (
    BUILT_IN_METRICS.has(name) ||
    name === SAMPLES_LEFT_OUT.name ||
    name.startsWith(SERVER_PREFIX) ||
    name.endsWith(IN_WINDOW)
  );
}

/** What drivers and scenarios declared, without what loadgen counts beside it. */
export function ownMetrics(
  declarations: ReadonlyMap<string, MetricDeclaration>,
): readonly MetricDeclaration[] {
  return [...declarations.values()].filter(({ name }) => !isReservedMetric(name));
}
