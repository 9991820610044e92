import type { MetricDeclaration } from '../../measure/metrics/metric.ts';

/** For the `counters` of a driver that repeats requests on its own, or a client of it that does. */
export const RETRIES: MetricDeclaration = {
  name: 'retries',
  kind: 'counter',
  unit: 'count',
  description: 'Attempts beyond the first of an operation, which itself counts once.',
  better: 'lower',
  whole: 'attempted',
};
