import { z } from 'zod';
import { POLL_TIME } from '../measure/metrics/builtin-metrics.ts';
import type { MetricDeclaration } from '../measure/metrics/metric.ts';

/** Metrics that one step may record of its own. */
const MAX_OWN_METRICS = 16;

/** Unit as written → what a value of it is multiplied with, and the unit of the metric. */
const UNITS = {
  ns: { factor: 1, unit: 'ns' },
  us: { factor: 1e3, unit: 'ns' },
  ms: { factor: 1e6, unit: 'ns' },
  s: { factor: 1e9, unit: 'ns' },
  bytes: { factor: 1, unit: 'bytes' },
  count: { factor: 1, unit: 'count' },
} as const;

type UnitName = keyof typeof UNITS;

/** A metric out of answers: plain data. */
export interface OwnMetric {
  readonly name: string;
  readonly value: string;
  readonly unit: UnitName;
}

/** `record` of a step; parses to a list in the order in which it is written. */
export const recordSchema = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_]*$/, 'the name of a metric: a-z, digits and _'),
    z.strictObject({
      value: z.string().min(1).meta({ description: 'CEL over the answer; gives a number.' }),
      unit: z
        .enum(Object.keys(UNITS) as [UnitName, ...UnitName[]])
        .meta({ description: 'The unit of that number.' }),
    }),
  )
  .refine((record) => Object.keys(record).length <= MAX_OWN_METRICS, {
    message: `at most ${MAX_OWN_METRICS} metrics`,
  })
  .transform((record): readonly OwnMetric[] =>
    Object.entries(record).map(([name, { value, unit }]) => ({ name, value, unit })),
  );

export function factorOf({ unit }: OwnMetric): number {
  return UNITS[unit].factor;
}

/** What a step measures beside its driver: they stand behind the phases of the driver. */
export function ownDeclarations(step: {
  readonly poll?: unknown;
  readonly record?: readonly OwnMetric[];
}): readonly MetricDeclaration[] {
  const own = (step.record ?? []).map(({ name, unit }): MetricDeclaration => {
    const { unit: base } = UNITS[unit];
    return {
      name,
      kind: 'histogram',
      unit: base,
      description: 'Recorded by the scenario, out of answers.',
      better: 'neither',
      ...(base !== 'ns' && { resolution: 'whole' }),
    };
  });
  return step.poll === undefined ? own : [POLL_TIME, ...own];
}
