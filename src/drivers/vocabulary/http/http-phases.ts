import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';
import { CONNECT_TIME_METRIC, TLS_TIME_METRIC } from '../connection-phases.ts';

/** Places in `HTTP_PHASES`, and so in `OperationSlots.phases`. */
export const CONNECT_TIME = 0;
export const FIRST_BYTE_TIME = 1;
export const TLS_TIME = 2;

export const HTTP_PHASES: readonly MetricDeclaration[] = [
  CONNECT_TIME_METRIC,
  {
    name: 'first_byte_time',
    kind: 'histogram',
    unit: 'ns',
    description: 'From the sending of the request to the first byte of its answer.',
    better: 'lower',
    ranks: 'operations',
  },
  TLS_TIME_METRIC,
];
