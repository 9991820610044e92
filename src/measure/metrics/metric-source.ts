import type { MetricDeclaration } from './metric.ts';

/** Tag name → value. Names: flow step target outcome phase stage reason wait, and own ones. */
export type Tags = Readonly<Record<string, string>>;

/**
 * Recorded metrics to be asked, by reports, thresholds and the live view alike: the whole of a
 * trial, one second of it, a merge of shards, or a saved result read back. Series that match
 * `tags` are added count for count. A tag that is not named matches all its values; `phase` is
 * `measure` unless named. `outcome: 'failed'` stands for all failed outcomes.
 */
export interface MetricSource {
  readonly declarations: ReadonlyMap<string, MetricDeclaration>;
  /** Measured time that is covered, for rates, in seconds. */
  readonly durationSeconds: number;
  /** The values that `tag` has in the series of `metric`, in declared order. */
  tagValues(metric: string, tag: string): readonly string[];
  /** Sum of a counter's matching series; 0 when none matches. */
  counter(metric: string, tags?: Tags): number;
  /** All recorded samples of matching series, whatever their outcome unless it is named. */
  histogram(metric: string, tags?: Tags): HistogramView;
  /** The population a judged latency is ranked over; see `RankedLatency`. */
  ranked(metric: string, tags?: Tags): RankedLatency;
  /** Levels of a gauge, matching series added at each instant; all 0 when nothing was seen. */
  gauge(metric: string, tags?: Tags): GaugeView;
  /**
   * A counter as a share of what it is a part of, or a share metric such as `error_rate`. The
   * whole of `unsent` and `goodput` is what was planned, of other counters what was sent.
   */
  share(metric: string, tags?: Tags): Share;
  /** The tags of every series of `metric`, in declared order, for all phases. */
  seriesTags(metric: string): readonly Tags[];
}

export interface GaugeView {
  readonly last: number;
  readonly min: number;
  readonly max: number;
  readonly average: number;
  /** Instants seen: one an interval. */
  readonly count: number;
}

/** `whole` 0 means that there was nothing to take a share of. */
export interface Share {
  readonly part: number;
  readonly whole: number;
}

/** Counts over values; all values in the metric's own unit (ns for times). */
export interface HistogramView {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly standardDeviation: number;
  /** Highest value equivalent to the sample at rank ceil(percent / 100 × count); 0 when empty. */
  percentile(percent: number): number;
  /** Non-empty cells, ascending. */
  cells(
    leastNs?: number,
  ): Iterable<{ readonly from: number; readonly to: number; readonly count: number }>;
}

/**
 * All due operations: those answered well by their time, and failed, timed-out, unsent and
 * interrupted ones behind them as never answered. Cancelled ones are not ranked.
 */
export interface RankedLatency {
  readonly answered: HistogramView;
  readonly neverAnswered: number;
  /** answered.count + neverAnswered */
  readonly total: number;
  percentile(percent: number): RankedValue;
  /** Several, ascending, for the price of one. */
  percentiles(percents: readonly number[]): RankedValue[];
}

export type RankedValue =
  | { readonly kind: 'value'; readonly value: number }
  /** The rank falls among those never answered; `share` of the total were. */
  | { readonly kind: 'not-answered'; readonly share: number }
  /** Below the floor; `value` is what a thin reading would be (Infinity when never answered). */
  | { readonly kind: 'too-few'; readonly needs: number; readonly value: number };
