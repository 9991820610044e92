import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { GrpcCode } from '../../wire/grpc/grpc-status.ts';
import type { StreamFailure } from '../../wire/http2/http2-stream.ts';

/**
 * What a complete answer with this code is. RESOURCE_EXHAUSTED and UNAVAILABLE are what HTTP says
 * with 429 and 503: the server is overloaded, or not there for now.
 */
export function outcomeOfCode(code: GrpcCode): number {
  return OUTCOMES_OF_CODES[code] ?? OUTCOME.status_error;
}

const OUTCOMES_OF_CODES: Readonly<Partial<Record<GrpcCode, number>>> = {
  OK: OUTCOME.ok,
  RESOURCE_EXHAUSTED: OUTCOME.rejected,
  UNAVAILABLE: OUTCOME.rejected,
  DEADLINE_EXCEEDED: OUTCOME.timeout,
};

/** What a stream is that ended without an answer. */
export function outcomeOfFailure({ kind, code }: StreamFailure): number {
  if (kind === 'protocol') return OUTCOME.protocol_error;
  const isRefused = code === 'REFUSED_STREAM' || code === 'ENHANCE_YOUR_CALM';
  return isRefused ? OUTCOME.rejected : OUTCOME.connection_lost;
}
