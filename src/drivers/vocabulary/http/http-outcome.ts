import { OUTCOME } from '../../../measure/metrics/outcome.ts';

/** What a complete answer with this status is. */
export function outcomeOfStatus(status: number): number {
  if (status < 400) return OUTCOME.ok;
  if (status === 429 || status === 503) return OUTCOME.rejected;
  return OUTCOME.status_error;
}
