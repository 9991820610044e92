import type { Interval } from '../../measure/metrics/interval.ts';
import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { Phase } from '../../measure/metrics/outcome.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';

/** What a live view is told. All calls return at once and must not throw. */
export interface RunObserver {
  /** Something took or will take longer than two seconds: "Starting the server …". */
  status(text: string): void;
  trialStarted(trial: ResolvedTrial, context: TrialContext): void;
  /** `expectedNs`: how long the phase will last, where its load says so. */
  phaseStarted(phase: Phase | 'drain', expectedNs: number | undefined): void;
  /**
   * A second is complete: the row, the whole trial so far, and how the generator was in its own way
   * in that second, where it was.
   */
  interval(interval: Interval, total: MetricSource, trouble?: string): void;
  /** Several times a second, for bars: live counts without histograms. */
  tick(live: LiveCounts): void;
  trialEnded(): void;
}

export interface TrialContext {
  readonly trialCount: number;
  readonly workers: number;
  readonly folder: string;
}

export interface LiveCounts {
  readonly phase: Phase | 'drain';
  /** Since the phase began. */
  readonly elapsedNs: number;
  readonly started: number;
  /** Iterations that the load asks for, where it counts them. */
  readonly wanted: number | undefined;
  readonly inFlight: number;
}
