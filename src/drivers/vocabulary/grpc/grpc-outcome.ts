import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { GrpcCode } from '../../wire/grpc/grpc-status.ts';

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
