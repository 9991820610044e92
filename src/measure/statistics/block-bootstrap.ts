import { randomBelow, randomStream } from '../../base/random/counter-random.ts';
import { studentFactor95 } from './student-interval.ts';

const RESAMPLES = 500;

export interface RatioSpread {
  /** What to add and take away for a 95% interval. */
  readonly half95: number;
  /** In units of the series. */
  readonly blockLength: number;
}

/**
 * How far Σ parts ÷ Σ wholes may lie from what a longer run would give, where neighbouring units
 * depend on one another: the circular moving-block bootstrap (Künsch 1989; Politis and Romano 1992)
 * gives the standard error, Student's t with one degree of freedom less than there are blocks the
 * factor. `seed` makes it the same every time.
 */
export function ratioSpread(
  parts: readonly number[],
  wholes: readonly number[],
  seed: number,
): RatioSpread {
  const count = parts.length;
  const ratio = sumOf(parts) / sumOf(wholes);
  const length = blockLengthOf(parts.map((part, at) => part - ratio * wholes[at]!));
  const blocks = Math.ceil(count / length);
  const partSums = circularSums(parts, length);
  const wholeSums = circularSums(wholes, length);
  const stream = randomStream(seed, 'statistics/bootstrap');
  let sum = 0;
  let squares = 0;
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let part = 0;
    let whole = 0;
    for (let block = 0; block < blocks; block++) {
      const start = randomBelow(stream, resample * blocks + block, count);
      part += partSums[start]!;
      whole += wholeSums[start]!;
    }
    const difference = whole === 0 ? 0 : part / whole - ratio;
    sum += difference;
    squares += difference ** 2;
  }
  const mean = sum / RESAMPLES;
  const variance = Math.max(0, squares / RESAMPLES - mean ** 2);
  // The blocks drawn cover a little more than the series where its length is no multiple of theirs.
  const error = Math.sqrt((variance * blocks * length) / count);
  return { half95: studentFactor95(blocks - 1) * error, blockLength: length };
}

/**
 * The length of blocks that makes the variance of a mean least wrong: Politis and White, "Automatic
 * block-length selection for the dependent bootstrap" (2004), as corrected by Patton, Politis and
 * White (2009), for circular blocks; between 1 and the smaller of 3 √n and n ÷ 3.
 */
export function blockLengthOf(series: readonly number[]): number {
  const count = series.length;
  const longest = Math.max(1, Math.ceil(Math.min(3 * Math.sqrt(count), count / 3)));
  const run = Math.max(5, Math.ceil(Math.sqrt(Math.log10(count))));
  const lags = Math.min(count - 1, Math.ceil(Math.sqrt(count)) + run);
  const covariances = autocovariances(series, lags);
  const [variance] = covariances;
  if (variance === undefined || variance <= 0) return 1;
  const limit = 2 * Math.sqrt(Math.log10(count) / count) * variance;
  const isNoise = (lag: number): boolean => Math.abs(covariances[lag] ?? 0) < limit;
  let last = 0;
  while (last < lags && !range(run).every((k) => isNoise(last + 1 + k))) last++;
  const reach = Math.min(2 * Math.max(1, last), lags);
  let density = variance;
  let slope = 0;
  for (let lag = 1; lag <= reach; lag++) {
    const weight = Math.min(1, 2 * (1 - lag / reach));
    density += 2 * weight * covariances[lag]!;
    slope += 2 * weight * lag * covariances[lag]!;
  }
  if (density <= 0) return 1;
  const length = Math.cbrt((2 * slope ** 2 * count) / ((4 / 3) * density ** 2));
  return Math.min(longest, Math.max(1, Math.ceil(length)));
}

function autocovariances(series: readonly number[], lags: number): number[] {
  const count = series.length;
  const mean = sumOf(series) / count;
  return range(lags + 1).map((lag) => {
    let sum = 0;
    for (let at = lag; at < count; at++) sum += (series[at]! - mean) * (series[at - lag]! - mean);
    return sum / count;
  });
}

/** The sum of `length` values from each place on, going round at the end. */
function circularSums(values: readonly number[], length: number): number[] {
  return values.map((_, start) =>
    range(length).reduce((sum, k) => sum + values[(start + k) % values.length]!, 0),
  );
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
