import type { MetricSource } from './metric-source.ts';
import type { Phase } from './outcome.ts';

/** One second of a phase, merged over all workers. */
export interface Interval {
  readonly phase: Phase;
  /**
   * From 0, counted from S in the warm-up and from T0 in the measured phase. Two rows have the
   * same second where T0 or T1 cuts it.
   */
  readonly second: number;
  /** More than 1 where a worker's buffer was not free in time and its row covers several. */
  readonly seconds: number;
  /** Clock ns of its beginning. */
  readonly startedAtNs: number;
  /** Shorter than `seconds` where T0 or T1 cuts a second, and in the last row. */
  readonly durationNs: number;
  /** What happened within this interval. */
  readonly metrics: MetricSource;
  /** Account at its end, cumulative over the phase. */
  readonly account: Account;
}

/** Cumulative at an instant; docs/measurement.md states the identities. */
export interface Account {
  readonly due: number;
  readonly started: number;
  readonly unsent: Readonly<Record<string, number>>;
  readonly waiting: number;
  readonly completed: number;
  readonly aborted: number;
  readonly interruptedIterations: number;
  readonly running: number;
  readonly attempted: number;
  /** By outcome, all of them. */
  readonly operations: Readonly<Record<string, number>>;
  readonly inFlight: number;
}
