import { medianOf } from './student-interval.ts';

export interface Trend {
  /** Sen's slope: the median of the slopes between all pairs, per unit. */
  readonly slope: number;
  /** Standard score of the Mann–Kendall statistic. */
  readonly score: number;
  /** At the level of 1%, two-sided. */
  readonly isSignificant: boolean;
}

const SCORE_99 = 2.576;
/** Fewer values cannot reach the level of 1% by their order alone. */
const LEAST_VALUES = 8;

/**
 * Whether values rise or fall over time: Mann (1945) and Kendall (1975), with the variance of Hamed
 * and Rao, "A modified Mann-Kendall trend test for autocorrelated data" (1998), which is here never
 * less than that of independent values. Undefined for fewer than eight values.
 */
export function trendOf(values: readonly number[]): Trend | undefined {
  const count = values.length;
  if (count < LEAST_VALUES) return undefined;
  let balance = 0;
  const slopes: number[] = [];
  for (let late = 1; late < count; late++) {
    for (let early = 0; early < late; early++) {
      const rise = values[late]! - values[early]!;
      balance += Math.sign(rise);
      slopes.push(rise / (late - early));
    }
  }
  const slope = medianOf(slopes);
  const variance = plainVariance(values) * dependence(values, slope);
  const score =
    balance === 0 || variance === 0
      ? 0
      : (Math.sign(balance) * (Math.abs(balance) - 1)) / Math.sqrt(variance);
  return { slope, score, isSignificant: Math.abs(score) > SCORE_99 };
}

/** Of the balance of independent values, less what ties take away. */
function plainVariance(values: readonly number[]): number {
  const term = (n: number): number => n * (n - 1) * (2 * n + 5);
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  const tied = [...ties.values()].reduce((sum, size) => sum + term(size), 0);
  return (term(values.length) - tied) / 18;
}

/** Hamed and Rao's n ÷ n*: from the autocorrelation of the ranks, the trend taken out first. */
function dependence(values: readonly number[], slope: number): number {
  const count = values.length;
  const ranks = ranksOf(values.map((value, at) => value - slope * at));
  const mean = (count + 1) / 2;
  const variance = ranks.reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
  if (variance === 0) return 1;
  let sum = 0;
  for (let lag = 1; lag < count - 2; lag++) {
    let product = 0;
    for (let at = lag; at < count; at++) product += (ranks[at]! - mean) * (ranks[at - lag]! - mean);
    const correlation = product / variance;
    if (Math.abs(correlation) <= 1.96 / Math.sqrt(count)) continue;
    sum += (count - lag) * (count - lag - 1) * (count - lag - 2) * correlation;
  }
  return Math.max(1, 1 + (2 * sum) / (count * (count - 1) * (count - 2)));
}

/** From 1; equal values share their mean rank. */
function ranksOf(values: readonly number[]): Float64Array {
  const order = values
    .map((value, at) => ({ value, at }))
    .toSorted((one, other) => (one.value < other.value ? -1 : Number(one.value > other.value)));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && order[to]!.value === order[from]!.value) to++;
    for (let at = from; at < to; at++) ranks[order[at]!.at] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

export interface BacklogGrowth {
  /** Iterations that are due and have not ended, more with every second. */
  readonly perSecond: number;
  readonly score: number;
  /** It has not come to rest: the load is more than the system takes. */
  readonly isGrowing: boolean;
}

/** A rise below this share of what arrives is not told from the slow swings of a busy queue. */
const LEAST_SHARE = 0.005;
/** Runs shorter than twice this are judged over more than their second half. */
const LEAST_UNITS = 10;

/**
 * Whether the backlog of an open load still grew when the load ended: the trend over the second
 * half, so that one that grew at first and then came to rest is not meant.
 */
export function backlogGrowth(
  backlog: readonly number[],
  unit: { readonly seconds: number; readonly dueEach: number },
): BacklogGrowth | undefined {
  const from = Math.max(0, Math.min(Math.floor(backlog.length / 2), backlog.length - LEAST_UNITS));
  const trend = trendOf(backlog.slice(from));
  if (trend === undefined) return undefined;
  const { slope, score, isSignificant } = trend;
  const isGrowing = isSignificant && slope > LEAST_SHARE * unit.dueEach;
  return { perSecond: slope / unit.seconds, score, isGrowing };
}
