import { repetitionInterval } from './student-interval.ts';

/** A positive figure with its 95% interval; `high` is null where nothing seen bounds it. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number | null;
}

/** How one figure stands to another. */
export interface RatioInterval {
  readonly ratio: number;
  readonly low: number;
  readonly high: number | null;
}

/**
 * The 95% interval of `current` ÷ `baseline`, two figures measured independently: from the interval
 * of each, on the logarithmic scale, by the method of variance estimates recovery (Zou and Donner,
 * "Construction of confidence limits about effect measures", 2008). It needs no symmetry, and keeps
 * the level that the two intervals have.
 */
export function ratioInterval(current: Estimate, baseline: Estimate): RatioInterval {
  const [mine, theirs] = [onLogScale(current), onLogScale(baseline)];
  const difference = mine.value - theirs.value;
  const low = difference - Math.hypot(mine.below, theirs.above);
  const high = difference + Math.hypot(mine.above, theirs.below);
  return {
    ratio: Math.exp(difference),
    low: Math.exp(low),
    high: Number.isFinite(high) ? Math.exp(high) : null,
  };
}

/**
 * One figure of independent repetitions: their geometric mean, with Student's t on the logarithms.
 * Undefined for fewer than two, or where one is not positive.
 */
export function repeatedEstimate(values: readonly number[]): Estimate | undefined {
  if (values.some((value) => !(value > 0))) return undefined;
  const logs = values.map(Math.log);
  const interval = repetitionInterval(logs);
  if (interval === undefined) return undefined;
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return {
    value: Math.exp(mean),
    low: Math.exp(interval.low),
    high: Math.exp(interval.high),
  };
}

/** The distances of the limits from the value, which lies between them. */
function onLogScale({ value, low, high }: Estimate): {
  readonly value: number;
  readonly below: number;
  readonly above: number;
} {
  const log = Math.log(value);
  return {
    value: log,
    below: Math.max(0, log - Math.log(low)),
    above: high === null ? Infinity : Math.max(0, Math.log(high) - log),
  };
}
