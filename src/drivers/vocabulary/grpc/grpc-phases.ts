import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';
import {
  CONNECT_TIME as HTTP_CONNECT_TIME,
  HTTP_PHASES,
  TLS_TIME as HTTP_TLS_TIME,
} from '../http/http-phases.ts';

/** Places in `GRPC_PHASES`; a driver puts its own phases behind these. */
export const CONNECT_TIME = 0;
export const TLS_TIME = 1;
export const FIRST_MESSAGE_TIME = 2;

export const GRPC_PHASES: readonly MetricDeclaration[] = [
  HTTP_PHASES[HTTP_CONNECT_TIME]!,
  HTTP_PHASES[HTTP_TLS_TIME]!,
  {
    name: 'first_message_time',
    kind: 'histogram',
    unit: 'ns',
    description: 'From the sending of the request to the last byte of the first message back.',
    better: 'lower',
    ranks: 'operations',
  },
];

/** Places in `GRPC_COUNTERS` and `GRPC_SAMPLED`. */
export const MESSAGES_RECEIVED = 0;
export const MESSAGE_GAP = 0;

export const GRPC_COUNTERS: readonly MetricDeclaration[] = [
  {
    name: 'messages_received',
    kind: 'counter',
    unit: 'count',
    description: 'Messages that came back, on unary calls and streams.',
    better: 'neither',
  },
];

export const GRPC_SAMPLED: readonly MetricDeclaration[] = [
  {
    name: 'message_gap',
    kind: 'histogram',
    unit: 'ns',
    description: 'Between one message of a stream and the next: from last byte to last byte.',
    better: 'lower',
  },
];
