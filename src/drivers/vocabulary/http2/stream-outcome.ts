import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { StreamFailure } from '../../wire/http2/http2-stream.ts';

/** What a stream is that ended without an answer. */
export function outcomeOfFailure({ kind, code }: StreamFailure): number {
  if (kind === 'protocol') return OUTCOME.protocol_error;
  const isRefused = code === 'REFUSED_STREAM' || code === 'ENHANCE_YOUR_CALM';
  return isRefused ? OUTCOME.rejected : OUTCOME.connection_lost;
}
