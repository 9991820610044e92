import { LoadgenError } from '../base/errors/loadgen-error.ts';
import type { DriverDefinition } from '../drivers/driver.ts';
import type { OperationSlots } from '../measure/metrics/operation-slots.ts';

/** One limit of a step's `slo`: whether the operation in a slot, which was ok, meets it. */
export type Goal = (slots: OperationSlots, slot: number) => boolean;

/** The metrics that `slo` may name for steps of a driver. */
export function sloMetrics(definition: DriverDefinition): readonly string[] {
  return ['response_time', 'service_time', ...definition.phases.map(({ name }) => name)];
}

/** One goal a metric; limits are in ns. */
export function compileGoals(
  slo: Readonly<Record<string, number>>,
  definition: DriverDefinition,
): readonly Goal[] {
  return Object.entries(slo).map(([metric, limitNs]) => compileGoal(metric, limitNs, definition));
}

function compileGoal(metric: string, limitNs: number, definition: DriverDefinition): Goal {
  if (metric === 'response_time') {
    return ({ done, intended }, slot) => done[slot]! - intended[slot]! <= limitNs;
  }
  if (metric === 'service_time') {
    return ({ done, sent }, slot) => done[slot]! - sent[slot]! <= limitNs;
  }
  const index = definition.phases.findIndex(({ name }) => name === metric);
  if (index < 0) {
    const reason = `slo names ${metric}, which ${definition.name} does not measure`;
    throw new LoadgenError('BUG', { reason });
  }
  // A phase that did not happen is NaN, which is not within any limit.
  return ({ phases }, slot) => phases[index]![slot]! <= limitNs;
}
