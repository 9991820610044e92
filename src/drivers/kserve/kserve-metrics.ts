import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import { HTTP_PHASES } from '../vocabulary/http/http-phases.ts';
import type { InferSpec } from './kserve-config.ts';

/** Its place in `KSERVE_PHASES`, and so in `OperationSlots.phases`. */
export const FIRST_RESPONSE_TIME: number = HTTP_PHASES.length;

export const KSERVE_PHASES: readonly MetricDeclaration[] = [
  ...HTTP_PHASES,
  {
    name: 'first_response_time',
    kind: 'histogram',
    unit: 'ns',
    description: 'Of a stream: from the sending of the request to its first response.',
    better: 'lower',
    ranks: 'operations',
  },
];

/** Its place in `OperationSlots.counts`. */
export const RESPONSES = 0;

export const KSERVE_COUNTERS: readonly MetricDeclaration[] = [
  {
    name: 'responses',
    kind: 'counter',
    unit: 'count',
    description: 'Responses of streams, without the empty one that only says that it is the last.',
    better: 'higher',
  },
];

/** Its place in `OperationSlots.samples`. */
export const RESPONSE_GAP = 0;

export const KSERVE_SAMPLED: readonly MetricDeclaration[] = [
  {
    name: 'response_gap',
    kind: 'histogram',
    unit: 'ns',
    description:
      'Of a stream: from one response to the next, as they arrived; 0 for those that came together.',
    better: 'lower',
  },
];

const STREAM_METRICS: readonly string[] = [
  KSERVE_PHASES[FIRST_RESPONSE_TIME]!,
  ...KSERVE_COUNTERS,
  ...KSERVE_SAMPLED,
].map(({ name }) => name);

/** The metrics that a step can have: only a stream has responses to be timed. */
export function fedBy(spec: Partial<InferSpec>): readonly string[] {
  const common = HTTP_PHASES.map(({ name }) => name);
  return spec.stream === true ? [...common, ...STREAM_METRICS] : common;
}
