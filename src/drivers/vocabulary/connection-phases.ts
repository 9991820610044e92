import type { MetricDeclaration } from '../../measure/metrics/metric.ts';

/** For drivers over connections of their own: the same words, so that their times can be added up. */
export const CONNECT_TIME_METRIC: MetricDeclaration = {
  name: 'connect_time',
  kind: 'histogram',
  unit: 'ns',
  description:
    'Opening a connection: host look-up, TCP connect, TLS handshake, and what the protocol asks for before a first request; counted once a connection, with the first operation that used it.',
  better: 'lower',
};

export const TLS_TIME_METRIC: MetricDeclaration = {
  name: 'tls_time',
  kind: 'histogram',
  unit: 'ns',
  description:
    'The TLS handshake: from the TCP connection to the accepted certificate; part of connect_time, counted with it.',
  better: 'lower',
};
