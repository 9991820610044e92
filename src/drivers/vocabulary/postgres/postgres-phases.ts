import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';

/** Places in `POSTGRES_PHASES`, and so in `OperationSlots.phases`. */
export const CONNECT_TIME = 0;
export const TLS_TIME = 1;

/** What every driver over PostgreSQL's protocol measures beside the operation itself. */
export const POSTGRES_PHASES: readonly MetricDeclaration[] = [
  {
    name: 'connect_time',
    kind: 'histogram',
    unit: 'ns',
    description:
      'Opening a session: host look-up, TCP connect, TLS handshake, authentication and start of the backend; counted once a connection, with the first operation that used it.',
    better: 'lower',
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
