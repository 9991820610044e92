import type { OperationSlots } from './operation-slots.ts';

/**
 * What `iteration` and `load/executors` tell the account of a worker. One implementation
 * (`WorkerRecorder`) counts into shared memory; tests may hand in their own.
 *
 * `phase` is WARMUP or MEASURE: an operation belongs to the phase of its iteration's intended
 * time. `lane` is the index of a step's series (step and own tag values), `flow` the index of the
 * flow, `vu` the slot.
 */
export interface OperationRecorder {
  /** An operation begins: attempted + 1, and the slot counts as in flight until `finished`. */
  attempted(phase: number, lane: number, slot: number): void;
  /** It ended; stamps, outcome and sizes stand in `slots` at `slot`. */
  finished(phase: number, lane: number, slot: number, slots: OperationSlots): void;
  /** Counted beside the outcome, for an operation that just finished. */
  goodput(phase: number, lane: number): void;
  items(phase: number, lane: number, count: number): void;
}

export interface IterationRecorder {
  /** The plan said so: an arrival came due (open), or a VU took up an iteration (closed). */
  due(phase: number, flow: number, count: number): void;
  /** An iteration is handed to `iterate`; the VU counts as running until it `ended`. */
  started(phase: number, flow: number, vu: number): void;
  /** Index in ITERATION_OUTCOMES; `response` from the intended start to the end of the last step. */
  ended(phase: number, flow: number, vu: number, end: IterationEnd): void;
  /** Index in UNSENT_REASONS. */
  unsent(phase: number, flow: number, reason: number, count: number): void;
  /** Arrivals that are due and neither started nor unsent: the distance of the two cursors. */
  waiting(phase: number, flow: number, count: number): void;
  /** picked − intended of an arrival or iteration, in ns. */
  pacerLag(phase: number, flow: number, lagNs: number): void;
}

export interface IterationEnd {
  outcome: number;
  responseTimeNs: number;
}
