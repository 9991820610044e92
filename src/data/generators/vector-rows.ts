import { randomStream } from '../../base/random/counter-random.ts';
import { RandomSequence } from '../../base/random/random-sequence.ts';
import { KEPT_BYTES } from '../limits.ts';
import type { Metric } from '../metric.ts';
import type { Row, RowSlice, RowSource } from '../row-source.ts';

/** How generated vectors lie in space: plain data. */
export type VectorShape =
  /** Each coordinate in [−1, 1), as likely everywhere. */
  | { readonly kind: 'uniform' }
  /** Around centres that are as likely each; `spread` is the deviation in each coordinate. */
  | { readonly kind: 'clustered'; readonly clusters: number; readonly spread: number }
  /** The same, where the centres have moved by 1 (on average) after `over` rows, and go on so. */
  | {
      readonly kind: 'drifted';
      readonly clusters: number;
      readonly spread: number;
      readonly over: number;
    }
  /** Bursts of `copies` that differ from one vector by `spread` in each coordinate. */
  | { readonly kind: 'near-duplicate'; readonly copies: number; readonly spread: number };

export interface VectorRowsOptions {
  readonly dimension: number;
  readonly shape: VectorShape;
  readonly firstId: number;
  /** `cosine`: of length 1. `hamming`: 0 and 1, by the sign of the coordinate. */
  readonly metric: Metric;
  readonly slice: RowSlice;
}

/** What a row takes beside its numbers: two objects and a buffer. */
const ROW_OVERHEAD_BYTES = 256;

/**
 * Vectors, each a function of (seed, feeder, row). Centres are drawn again whenever they are
 * needed, at 10 ns a coordinate, so that their number costs no memory. Rows that are picked over
 * and over are made once, as far as they can be kept.
 */
export function openVectorRows(
  { dimension, shape, firstId, metric, slice }: VectorRowsOptions,
  { feeder, seed }: { readonly feeder: string; readonly seed: number },
): RowSource {
  const streams = {
    own: new RandomSequence(randomStream(seed, `data/${feeder}/vectors`)),
    // Of the seed alone: queries lie where the rows do that another feeder makes.
    centre: new RandomSequence(randomStream(seed, 'data/vectors/centres')),
    drift: new RandomSequence(randomStream(seed, 'data/vectors/drift')),
  };
  function make(index: number): Row {
    const row = slice.skip + index;
    const vector = new Float32Array(dimension);
    fill(vector, shape, row, streams);
    if (metric === 'cosine') normalize(vector);
    if (metric === 'hamming') takeSigns(vector);
    return { id: firstId + row, vector };
  }
  const source = { rowCount: slice.rows, fields: ['id', 'vector'] };
  const bytes = slice.rows * (dimension * Float32Array.BYTES_PER_ELEMENT + ROW_OVERHEAD_BYTES);
  if (slice.inOrder === true || bytes > KEPT_BYTES) return { ...source, row: make };
  const kept = Array.from<Row | undefined>({ length: slice.rows });
  return { ...source, row: (index) => (kept[index] ??= make(index)) };
}

interface Streams {
  readonly own: RandomSequence;
  readonly centre: RandomSequence;
  readonly drift: RandomSequence;
}

function fill(vector: Float32Array, shape: VectorShape, row: number, streams: Streams): void {
  const { own, centre, drift } = streams;
  own.restart(row);
  if (shape.kind === 'uniform') {
    for (let at = 0; at < vector.length; at++) vector[at] = 2 * own.uniform() - 1;
    return;
  }
  const { spread } = shape;
  const number =
    shape.kind === 'near-duplicate' ? Math.floor(row / shape.copies) : own.below(shape.clusters);
  centre.restart(number);
  if (shape.kind !== 'drifted') {
    for (let at = 0; at < vector.length; at++) {
      vector[at] = 2 * centre.uniform() - 1 + spread * own.normal();
    }
    return;
  }
  // Directions of variance 1 / dimension have a length of 1 on average.
  drift.restart(number);
  const step = row / shape.over / Math.sqrt(vector.length);
  for (let at = 0; at < vector.length; at++) {
    vector[at] = 2 * centre.uniform() - 1 + step * drift.normal() + spread * own.normal();
  }
}

/** To length 1; a vector of nothing but zeros stays one. */
function normalize(vector: Float32Array): void {
  const length = normOf(vector);
  if (length === 0) return;
  for (let at = 0; at < vector.length; at++) vector[at] = vector[at]! / length;
}

function takeSigns(vector: Float32Array): void {
  for (let at = 0; at < vector.length; at++) vector[at] = vector[at]! > 0 ? 1 : 0;
}

/** Euclidean length. */
export function normOf(vector: ArrayLike<number>): number {
  let square = 0;
  for (let at = 0; at < vector.length; at++) square += vector[at]! * vector[at]!;
  return Math.sqrt(square);
}
