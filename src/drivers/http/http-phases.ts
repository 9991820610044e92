import type { MetricDeclaration } from '../../measure/metrics/metric.ts';

/** Places in `HTTP_PHASES`, and so in `OperationSlots.phases`. */
export const CONNECT_TIME = 0;
export const FIRST_BYTE_TIME = 1;

export const HTTP_PHASES: readonly MetricDeclaration[] = [
  {
    name: 'connect_time',
    kind: 'histogram',
    unit: 'ns',
    description:
      'Opening a connection: host look-up and TCP connect; counted once a connection, with the first operation that used it.',
    better: 'lower',
  },
  {
    name: 'first_byte_time',
    kind: 'histogram',
    unit: 'ns',
    description: 'From the sending of the request to the first byte of its answer.',
    better: 'lower',
    ranks: 'operations',
  },
];
