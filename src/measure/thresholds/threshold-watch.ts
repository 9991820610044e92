import { NS_PER_SECOND } from '../../base/time/clock.ts';
import type { MetricSource, Tags } from '../metrics/metric-source.ts';
import { MetricStore } from '../metrics/metric-store.ts';
import type { SurroundingPhase } from '../metrics/outcome.ts';
import { judgeThreshold, type ThresholdResult } from './evaluate-thresholds.ts';
import { SlidingSum, wholeSeconds, type RecordedSeconds } from './sliding-sum.ts';
import { isJudgedApart, surroundingPhaseOf, withinItsPart } from './judged-apart.ts';
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

/** What was measured in parts of a trial that are judged by themselves. */
export interface MeasuredApart {
  readonly around?: MeasuredAround;
  /** By name. */
  readonly stages?: ReadonlyMap<string, MetricSource>;
}

const NOTHING: MetricSource = new MetricStore([]);

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

  /** The results at the end, of `total`, of parts that are judged apart, and of all windows. */
  results(total: MetricSource, apart: MeasuredApart = {}): ThresholdResult[] {
    return this.#specs.flatMap((spec) => {
      if (isJudgedApart(spec)) return this.#judgeApart(spec, apart);
      const whole = judgeThreshold(spec, total, this.#axes);
      return this.#tallies.get(spec)?.results(whole) ?? whole;
    });
  }

  #judgeApart(spec: ThresholdSpec, { around = {}, stages }: MeasuredApart): ThresholdResult[] {
    const within = withinItsPart(spec);
    const phase = surroundingPhaseOf(spec);
    if (phase !== undefined) {
      const source = around[phase]?.(spec.tags);
      return source === undefined ? [] : judgeThreshold(within, source, this.#axes);
    }
    const asked = spec.tags['stage']!;
    if (asked !== '*') {
      const source = stages?.get(asked) ?? NOTHING;
      return judgeThreshold(within, source, this.#axes);
    }
    return [...(stages ?? [])].flatMap(([stage, source]) =>
      judgeThreshold(within, source, this.#axes).map((result) => {
        return { ...result, tags: { ...result.tags, stage } };
      }),
    );
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
