/** Where a figure lies with a stated confidence. */
export interface Interval95 {
  readonly low: number;
  readonly high: number;
}

/** Student's t, two-sided 95%, for 1 to 30 degrees of freedom (any table of it has these). */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
] as const;

/**
 * The factor of the standard error in a two-sided 95% interval. Beyond the table by the expansion
 * of Cornish and Fisher around the normal 1.960 (Abramowitz and Stegun 26.7.5), right to 0.001.
 */
export function studentFactor95(degreesOfFreedom: number): number {
  const df = Math.max(1, Math.floor(degreesOfFreedom));
  return T_95[df - 1] ?? 1.959964 + 2.372271 / df + 2.8225 / df ** 2;
}

/**
 * The 95% interval of the mean of independent repetitions; undefined for fewer than two. Each
 * repetition is one value, whatever it was taken over, so that what depends on what within a
 * repetition does not matter.
 */
export function repetitionInterval(values: readonly number[]): Interval95 | undefined {
  const count = values.length;
  if (count < 2 || !values.every(Number.isFinite)) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = studentFactor95(count - 1) * Math.sqrt(squares / (count - 1) / count);
  return { low: mean - half, high: mean + half };
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return Number.NaN;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)]!;
  const [low, high] = [sorted[middle - 1]!, sorted[middle]!];
  return low === high ? low : (low + high) / 2;
}
