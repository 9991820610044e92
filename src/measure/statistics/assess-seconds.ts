import { Histogram, rankOf } from '../metrics/histogram.ts';
import { LAYOUTS } from '../metrics/histogram-layout.ts';
import { sampleFloor } from '../metrics/percentile-floors.ts';
import { ratioSpread } from './block-bootstrap.ts';
import type { KeptSeconds, KeptUnit } from './kept-seconds.ts';
import { backlogGrowth, trendOf, type BacklogGrowth } from './trend.ts';

/** What the seconds of one run say about its figures. */
export interface Statistics {
  /** Whole seconds that it is taken from. */
  readonly seconds: number;
  /** How the intervals come about; null where there are too few seconds for any. */
  readonly method: string | null;
  readonly intervals: readonly FigureInterval[];
  /** Of the medians of the seconds, in ns per second. */
  readonly trend: { readonly perSecond: number; readonly isSignificant: boolean } | null;
  /** Of open loads. */
  readonly backlog: BacklogGrowth | null;
}

export interface FigureInterval {
  /** `throughput`, or a latency. */
  readonly metric: string;
  /** Of a latency. */
  readonly percent: number | null;
  readonly low: number;
  /** null: beyond the largest value measured, or among those never answered. */
  readonly high: number | null;
  readonly blockSeconds: number;
}

const PERCENTS = [50, 90, 95, 99, 99.9] as const;
/** Fewer seconds say too little about how they depend on one another. */
const LEAST_UNITS = 20;

/** Unpacked once. */
type Kept = Pick<KeptSeconds, 'units' | 'unitSeconds' | 'metric'>;

export function assessSeconds(
  seconds: KeptSeconds,
  run: { readonly seed: number; readonly isOpen: boolean },
): Statistics {
  const { units, unitSeconds, metric } = seconds;
  const kept = { units, unitSeconds, metric };
  const medians = units.map(medianOfUnit).filter((median) => median !== undefined);
  // A second whose median was never answered has no place on a scale.
  const trend = medians.every(Number.isFinite) ? trendOf(medians) : undefined;
  const dueEach = units.reduce((sum, { due }) => sum + due, 0) / Math.max(1, units.length);
  const backlog = units.map((unit) => unit.backlog);
  const growth = run.isOpen ? backlogGrowth(backlog, { seconds: unitSeconds, dueEach }) : undefined;
  const isEnough = units.length >= LEAST_UNITS;
  return {
    seconds: units.length * unitSeconds,
    method: isEnough ? `moving-block bootstrap over ${units.length * unitSeconds} s` : null,
    intervals: isEnough ? [throughput(kept, run.seed), ...percentiles(kept, run.seed)] : [],
    trend: trend === undefined ? null : trendPerSecond(trend, unitSeconds),
    backlog: growth ?? null,
  };
}

function trendPerSecond(
  { slope, isSignificant }: { slope: number; isSignificant: boolean },
  unitSeconds: number,
): NonNullable<Statistics['trend']> {
  return { perSecond: slope / unitSeconds, isSignificant };
}

function throughput({ units, unitSeconds }: Kept, seed: number): FigureInterval {
  const counts = units.map(({ ok }) => ok);
  const { half95, blockLength } = ratioSpread(
    counts,
    counts.map(() => unitSeconds),
    seed,
  );
  const mean = counts.reduce((sum, ok) => sum + ok, 0) / (units.length * unitSeconds);
  return {
    metric: 'throughput',
    percent: null,
    low: Math.max(0, mean - half95),
    high: mean + half95,
    blockSeconds: blockLength * unitSeconds,
  };
}

/**
 * Woodruff, "Confidence intervals for medians and other position measures" (1952): how far the
 * share of samples above the percentile found may be off, read back on the distribution. It holds
 * for any distribution, also one with gaps, where a percentile's own standard error means nothing.
 */
function percentiles(kept: Kept, seed: number): FigureInterval[] {
  const { units, unitSeconds, metric } = kept;
  const whole = sumOf(units);
  const total = whole.answered.count + whole.neverAnswered;
  const totals = units.map((unit) => unit.answered.count + unit.neverAnswered);
  return PERCENTS.filter((percent) => total >= sampleFloor(percent)).flatMap((percent) => {
    const rank = rankOf(percent, total);
    if (rank > whole.answered.count) return [];
    const value = whole.answered.valueAtRank(rank);
    const above = units.map((unit) => countAbove(unit, value));
    const { half95, blockLength } = ratioSpread(above, totals, seed);
    const valueAt = (share: number): number | null => {
      const reached = Math.max(1, Math.ceil(share * total));
      return reached > whole.answered.count ? null : whole.answered.valueAtRank(reached);
    };
    const low = valueAt(percent / 100 - half95)!;
    const high = valueAt(percent / 100 + half95);
    return [{ metric, percent, low, high, blockSeconds: blockLength * unitSeconds }];
  });
}

function sumOf(units: readonly KeptUnit[]): Pick<KeptUnit, 'answered' | 'neverAnswered'> {
  const answered = new Histogram(units[0]?.answered.layout ?? LAYOUTS.standard);
  let neverAnswered = 0;
  for (const unit of units) {
    answered.add(unit.answered);
    neverAnswered += unit.neverAnswered;
  }
  return { answered, neverAnswered };
}

function countAbove({ answered, neverAnswered }: KeptUnit, value: number): number {
  let count = neverAnswered;
  for (const cell of answered.cells()) if (cell.from > value) count += cell.count;
  return count;
}

/** Infinity where most were never answered; undefined where nothing ended. */
function medianOfUnit({ answered, neverAnswered }: KeptUnit): number | undefined {
  const total = answered.count + neverAnswered;
  if (total === 0) return undefined;
  const rank = rankOf(50, total);
  return rank > answered.count ? Infinity : answered.valueAtRank(rank);
}
