import { NS_PER_SECOND } from '../../base/time/clock.ts';
import type { MetricSource, Tags } from '../metrics/metric-source.ts';
import type { MetricStore } from '../metrics/metric-store.ts';
import type { SurroundingPhase } from '../metrics/outcome.ts';
import { judgeThreshold, type ThresholdResult } from './evaluate-thresholds.ts';
import { SlidingSum, wholeSeconds, type RecordedSeconds } from './sliding-sum.ts';
import { surroundingPhaseOf, withoutPhase } from './surrounding-phases.ts';
import { appliesTo, type Axes } from './swept-axes.ts';
import type { ThresholdSpec } from './threshold-spec.ts';
import { WindowTally } from './window-tally.ts';

/** A row of the measured phase, as far as thresholds look at it. */
export interface WatchedRow {
  readonly phase: string;
  readonly second: number;
  readonly seconds: number;
  readonly durationNs: number;
  readonly metrics: MetricStore;
}

/**
 * By phase: what was measured in those of its parts that have series with such tags. A phase that
 * did not run is left out, and nothing is judged of it.
 */
export type MeasuredAround = Readonly<
  Partial<Record<SurroundingPhase, (tags: Tags) => MetricSource>>
>;

/** A threshold that ends its trial, and when it was seen to have failed. */
export interface Abort {
  readonly result: ThresholdResult;
  /** Since T0. */
  readonly atSecond: number;
}

/**
 * Judges thresholds while the load runs: those with a window in every full one, and those with
 * `abortOnFail` after every second. It keeps the seconds of the longest window, of them only the
 * histograms that are judged in windows. Undecided is no reason to abort: what has too few samples
 * yet may still pass.
 */
export class ThresholdWatch {
  readonly #specs: readonly ThresholdSpec[];
  readonly #axes: Axes;
  readonly #sums: ReadonlyMap<number, SlidingSum>;
  readonly #tallies = new Map<ThresholdSpec, WindowTally>();
  readonly #judgedInWindows: ReadonlySet<string>;

  constructor(specs: readonly ThresholdSpec[], axes: Axes = {}) {
    this.#specs = specs.filter((spec) => appliesTo(spec, axes));
    this.#axes = axes;
    const windowed = this.#specs.filter(({ windowSeconds }) => windowSeconds !== undefined);
    const lengths = windowed.map(({ windowSeconds }) => windowSeconds!);
    this.#sums = new Map(lengths.map((seconds) => [seconds, new SlidingSum(seconds)]));
    this.#judgedInWindows = new Set(windowed.map(({ metric }) => metric));
    for (const spec of windowed) this.#tallies.set(spec, new WindowTally(spec));
  }

  /**
   * Takes a row whose whole length lies in the measured phase; `total` is everything until now.
   * Returns the first threshold that ends the trial, if one does.
   */
  add(row: WatchedRow, total: MetricSource): Abort | undefined {
    if (row.phase !== 'measure') return undefined;
    const windows = this.#windowsEndingWith(row);
    const atSecond = row.second + row.durationNs / NS_PER_SECOND;
    let abort: Abort | undefined;
    for (const spec of this.#specs) {
      const results = this.#judge(spec, windows, total);
      if (spec.abortOnFail !== true) continue;
      if (atSecond * NS_PER_SECOND < (spec.delayAbortEvalNs ?? 0)) continue;
      const failed = results.find(({ status }) => status === 'failed');
      if (failed !== undefined) abort ??= { result: failed, atSecond };
    }
    return abort;
  }

  /** The results at the end, of `total`, of what was measured around the load, and of all windows. */
  results(total: MetricSource, around: MeasuredAround = {}): ThresholdResult[] {
    return this.#specs.flatMap((spec) => {
      const phase = surroundingPhaseOf(spec);
      if (phase !== undefined) {
        const source = around[phase]?.(spec.tags);
        return source === undefined ? [] : judgeThreshold(withoutPhase(spec), source, this.#axes);
      }
      const whole = judgeThreshold(spec, total, this.#axes);
      return this.#tallies.get(spec)?.results(whole) ?? whole;
    });
  }

  #windowsEndingWith(row: WatchedRow): ReadonlyMap<number, RecordedSeconds> {
    const windows = new Map<number, RecordedSeconds>();
    if (this.#sums.size === 0) return windows;
    const whole = wholeSeconds({ ...row, metrics: row.metrics.keeping(this.#judgedInWindows) });
    if (whole === undefined) return windows;
    for (const [seconds, sum] of this.#sums) {
      const window = sum.add(whole);
      if (window !== undefined) windows.set(seconds, window);
    }
    return windows;
  }

  #judge(
    spec: ThresholdSpec,
    windows: ReadonlyMap<number, RecordedSeconds>,
    total: MetricSource,
  ): ThresholdResult[] {
    const { windowSeconds, abortOnFail } = spec;
    if (windowSeconds === undefined) {
      return abortOnFail === true ? judgeThreshold(spec, total, this.#axes) : [];
    }
    const window = windows.get(windowSeconds);
    if (window === undefined) return [];
    const results = judgeThreshold(spec, window.metrics, this.#axes);
    this.#tallies.get(spec)!.add(window, results);
    return results;
  }
}
