import type { Metric } from '../metric.ts';

/** Coordinates after which a distance that is too large already is given up. */
const STRIDE = 32;

/**
 * The distance of two vectors inside two arrays, in doubles: squared for `l2`, 1 − cos for
 * `cosine` (of vectors that were brought to length 1), the negative inner product for `ip`, and
 * the number of coordinates that differ for `hamming`. `bound`: of what is farther, any number
 * beyond it may come back.
 */
export type DistanceOf = (
  query: Float64Array,
  queryAt: number,
  row: Float64Array,
  rowAt: number,
  dimension: number,
  bound: number,
) => number;

export const DISTANCES: Readonly<Record<Metric, DistanceOf>> = {
  l2: squaredDistance,
  cosine: (query, queryAt, row, rowAt, dimension) =>
    1 - innerProduct(query, queryAt, row, rowAt, dimension),
  ip: (query, queryAt, row, rowAt, dimension) =>
    -innerProduct(query, queryAt, row, rowAt, dimension),
  hamming: hammingDistance,
};

/** What the sum of the terms is over whole rows, so that it does not depend on where one gives up. */
function squaredDistance(
  query: Float64Array,
  queryAt: number,
  row: Float64Array,
  rowAt: number,
  dimension: number,
  bound: number,
): number {
  let sum = 0;
  let at = 0;
  while (at < dimension) {
    const end = Math.min(at + STRIDE, dimension);
    let one = 0;
    let other = 0;
    for (; at + 1 < end; at += 2) {
      const first = query[queryAt + at]! - row[rowAt + at]!;
      const second = query[queryAt + at + 1]! - row[rowAt + at + 1]!;
      one += first * first;
      other += second * second;
    }
    if (at < end) {
      const last = query[queryAt + at]! - row[rowAt + at]!;
      one += last * last;
      at++;
    }
    sum += one + other;
    if (sum > bound) return sum;
  }
  return sum;
}

function innerProduct(
  query: Float64Array,
  queryAt: number,
  row: Float64Array,
  rowAt: number,
  dimension: number,
): number {
  let one = 0;
  let other = 0;
  let at = 0;
  for (; at + 1 < dimension; at += 2) {
    one += query[queryAt + at]! * row[rowAt + at]!;
    other += query[queryAt + at + 1]! * row[rowAt + at + 1]!;
  }
  if (at < dimension) one += query[queryAt + at]! * row[rowAt + at]!;
  return one + other;
}

function hammingDistance(
  query: Float64Array,
  queryAt: number,
  row: Float64Array,
  rowAt: number,
  dimension: number,
): number {
  let differing = 0;
  for (let at = 0; at < dimension; at++) {
    if (query[queryAt + at] !== row[rowAt + at]) differing++;
  }
  return differing;
}

export function squaredLength(vector: Float64Array, from: number, dimension: number): number {
  return innerProduct(vector, from, vector, from, dimension);
}

/**
 * How much farther than the last neighbour a row may be and still be as good: what distances in
 * floats, which the servers compute, can differ by. 8 · 2⁻²⁴ · (‖q‖² + max ‖x‖²) for squared `l2`,
 * 8 · 2⁻²⁴ · ‖q‖ · max ‖x‖ for inner products, and nothing for `hamming`, which counts.
 */
export function toleranceOf(
  metric: Metric,
  { query, rows }: { readonly query: number; readonly rows: number },
): number {
  const rounding = 8 * 2 ** -24;
  if (metric === 'hamming') return 0;
  if (metric === 'cosine') return rounding;
  return rounding * (metric === 'l2' ? query + rows : Math.sqrt(query * rows));
}
