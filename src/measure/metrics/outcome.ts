/** How an operation ended: a closed set, so that counts can be laid out before the start. */
export const OUTCOMES = [
  'ok',
  'check_failed',
  'status_error',
  'protocol_error',
  'timeout',
  'connect_failed',
  'connection_lost',
  'rejected',
  'cancelled',
  'interrupted',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Outcome codes as they stand in typed arrays: the index in `OUTCOMES`. */
export const OUTCOME = codesOf(OUTCOMES);

/** The outcomes that count as failed: all but ok, cancelled and interrupted. */
export const FAILED_OUTCOMES: readonly Outcome[] = OUTCOMES.filter(
  (name) => name !== 'ok' && name !== 'cancelled' && name !== 'interrupted',
);

/** How an iteration ended. `failed`: completed, though a step failed under `onFail: continue`. */
export const ITERATION_OUTCOMES = ['ok', 'failed', 'aborted', 'interrupted'] as const;
/** Outcome codes of iterations, as the recorder is told them. */
export const ITERATION_OUTCOME = codesOf(ITERATION_OUTCOMES);

/** Why an arrival of the plan was never started. */
export const UNSENT_REASONS = ['late', 'no_slot', 'stopped', 'worker_lost'] as const;
export type UnsentReason = (typeof UNSENT_REASONS)[number];
export const UNSENT_REASON = codesOf(UNSENT_REASONS);

/** The parts of a run in which load is recorded, each with an account and rows of its own. */
export const PHASES = ['warmup', 'measure'] as const;
export type Phase = (typeof PHASES)[number];
/** The parts before and behind the load, which stand on their own. */
export const SURROUNDING_PHASES = ['prepare', 'cleanup'] as const;
export type SurroundingPhase = (typeof SURROUNDING_PHASES)[number];
export const WARMUP = 0;
export const MEASURE = 1;

function codesOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, code) => [name, code])) as Record<Name, number>;
}
