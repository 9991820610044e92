import type { Account, Interval } from '../measure/metrics/interval.ts';
import type { MetricSource } from '../measure/metrics/metric-source.ts';
import type { Phase } from '../measure/metrics/outcome.ts';
import type { LiveCounts, TrialContext } from '../run/runner/observer.ts';
import type { ResolvedTrial } from '../scenario/resolved.ts';
import {
  secondFigures,
  wholeFigures,
  type SecondFigures,
  type WholeFigures,
} from './live-figures.ts';

/** Seconds that the small graph looks back. */
const HISTORY_SECONDS = 60;

/** All that a live view knows at a moment; how it looks is decided elsewhere. */
export class LiveState {
  status = '';
  trial: ResolvedTrial | undefined;
  context: TrialContext | undefined;
  phase: Phase | 'drain' | undefined;
  /** How long the phase will last, where its load says so. */
  expectedNs: number | undefined;
  live: LiveCounts | undefined;
  second: SecondFigures | undefined;
  whole: WholeFigures | undefined;
  /** How the generator was in its own way in the last second, where it was. */
  trouble: string | undefined;
  /** Throughput of the last seconds, oldest first. */
  readonly history: number[] = [];
  #accounts = new Map<Phase, Account>();

  trialStarted(trial: ResolvedTrial, context: TrialContext): void {
    this.trial = trial;
    this.context = context;
    this.status = '';
    this.phase = undefined;
    this.#forget();
    this.#accounts.clear();
  }

  phaseStarted(phase: Phase | 'drain', expectedNs: number | undefined): void {
    this.status = '';
    this.phase = phase;
    this.expectedNs = expectedNs;
    this.live = undefined;
    // The drain ends the measured phase: what was measured stays on the screen.
    if (phase !== 'drain') this.#forget();
  }

  /** False for the late rows of a phase that is over, which no longer belong on the screen. */
  interval(interval: Interval, total: MetricSource, trouble?: string): boolean {
    const before = this.#accounts.get(interval.phase);
    this.#accounts.set(interval.phase, interval.account);
    if (interval.phase === 'warmup' && this.phase !== 'warmup') return false;
    this.second = secondFigures(before, interval);
    this.whole = wholeFigures(interval, total);
    this.trouble = trouble;
    this.history.push(this.second.okPerSecond);
    if (this.history.length > HISTORY_SECONDS) this.history.shift();
    return true;
  }

  trialEnded(): void {
    this.trial = undefined;
    this.phase = undefined;
    this.#forget();
  }

  #forget(): void {
    this.live = undefined;
    this.second = undefined;
    this.whole = undefined;
    this.trouble = undefined;
    this.history.length = 0;
  }
}
