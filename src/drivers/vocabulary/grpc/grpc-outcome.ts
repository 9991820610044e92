import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { GrpcCode } from '../../wire/grpc/grpc-status.ts';
import type { StreamFailure } from '../../wire/http2/http2-stream.ts';

/**
 * What a complete answer with this code is. RESOURCE_EXHAUSTED and UNAVAILABLE are what HTTP says
 * with 429 and 503: the server is overloaded, or not there for now.
 */
export function outcomeOfCode(code: GrpcCode): number {
  switch (code) {
    case 'OK':
      return OUTCOME.ok;
    case 'RESOURCE_EXHAUSTED':
    case 'UNAVAILABLE':
      return OUTCOME.rejected;
    case 'DEADLINE_EXCEEDED':
      return OUTCOME.timeout;
    default:
      return OUTCOME.status_error;
  }
}

/** What a stream is that ended without an answer. */
export function outcomeOfFailure({ kind, code }: StreamFailure): number {
  if (kind === 'protocol') return OUTCOME.protocol_error;
  const isRefused = code === 'REFUSED_STREAM' || code === 'ENHANCE_YOUR_CALM';
  return isRefused ? OUTCOME.rejected : OUTCOME.connection_lost;
}
