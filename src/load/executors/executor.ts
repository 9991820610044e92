import type { Clock } from '../../base/time/clock.ts';
import type { IterationRecorder } from '../../measure/metrics/recorder.ts';
import type { Pacer } from '../pacing/pacer.ts';
import type { Share } from '../pacing/share.ts';

/** What a VU is asked to run. One object a VU, reused: copy what outlives the call. */
export interface IterationStart {
  /** WARMUP or MEASURE, by the intended time. */
  phase: number;
  /** Global over all workers and shards, counted from 0 within its phase. */
  iteration: number;
  intendedNs: number;
  pickedNs: number;
  /** When the slot was free; equal to `pickedNs` when one was free at once. */
  acquiredNs: number;
}

/** Hears how iterations end; the next one on that VU may start within the call. */
export interface IterationListener {
  /** A closed model intends the next iteration of this VU at `nextNs`. */
  ended(vu: number, nextNs: number): void;
  /** A row that breaks a template, which ends the run, or a bug. */
  failed(thrown: unknown): void;
}

/**
 * All that an executor knows of the world; `run/worker` fills it for one flow. Executors know no
 * driver and no step: they decide when which VU runs an iteration.
 */
export interface LoadPort {
  readonly clock: Clock;
  /** Waits for due times on behalf of this flow in this worker, and for nobody else. */
  readonly pacer: Pacer;
  /** This worker among all workers of all shards: decides plan share, VU numbers, iterations. */
  readonly share: Share;
  /** The flow's index, as the recorder counts it. */
  readonly flow: number;
  /** With `seed`, what the arrivals are drawn from. */
  readonly flowName: string;
  /** The seed of the trial. */
  readonly seed: number;
  readonly recorder: IterationRecorder;
  /** Slots of this flow in this worker, at least `slotsNeeded(load, share)`. */
  readonly slotCount: number;
  /**
   * Runs one iteration on `vu` (0 ≤ vu < slotCount). `listener` hears of its end after this has
   * returned, with the time from which the next one of a closed model is intended: the end of its
   * last step plus think time. Throws what `failed` would be told, where it comes at once.
   */
  iterate(vu: number, start: IterationStart, listener: IterationListener): void;
  /** Ends the iteration that a VU runs, if it runs one, as interrupted; its next one may follow. */
  interruptVu(vu: number): void;
  /** Start of a phase in clock ns: S for the warm-up, T0 for the measured; Infinity if not known. */
  phaseStartNs(phase: number): number;
  /** T0 for the warm-up, T1 for the measured; Infinity while open-ended. */
  phaseEndNs(phase: number): number;
  /** Nothing intended at or after this time starts any more; Infinity while nobody stopped. */
  stopNs(): number;
  /** True once open operations were interrupted: queued work becomes unsent. */
  interrupted(): boolean;
  /**
   * The next iteration number of a closed model in this phase for a VU, or -1 when its
   * `iterations` are used up. Shared ones are counted over all workers of the process and split
   * statically over shards; own ones are a function of the VU and of how many it has run. A
   * warm-up counted in iterations goes on until T0, so that its numbers are never used up.
   */
  takeIteration(phase: number, vu: number): number;
}
