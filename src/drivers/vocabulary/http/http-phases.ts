import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';

/** Places in `HTTP_PHASES`, and so in `OperationSlots.phases`. */
export const CONNECT_TIME = 0;
export const FIRST_BYTE_TIME = 1;
export const TLS_TIME = 2;

export const HTTP_PHASES: readonly MetricDeclaration[] = [
  {
    name: 'connect_time',
    kind: 'histogram',
    unit: 'ns',
    description:
      'Opening a connection: host look-up, TCP connect and TLS handshake; counted once a connection, with the first operation that used it.',
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
  {
    name: 'tls_time',
    kind: 'histogram',
    unit: 'ns',
    description:
      'The TLS handshake: from the TCP connection to the accepted certificate; part of connect_time, counted with it.',
    better: 'lower',
  },
];
