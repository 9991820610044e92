import type { Metric } from '../metric.ts';
import { DISTANCES, squaredLength } from './distance.ts';
import { NearestHeaps } from './nearest-heap.ts';

/** Rows that are compared with one query after the other while they stay in the cache. */
const BLOCK_BYTES = 128 * 2 ** 10;

/** Queries, and the rows nearest to each so far. */
export class RowSearch {
  readonly heaps: NearestHeaps;
  /** Of all rows offered. */
  longestSquared = 0;
  readonly #metric: Metric;
  readonly #dimension: number;
  readonly #queries: Float64Array;
  readonly #queryCount: number;
  readonly #block: Float64Array;
  readonly #blockIds: Float64Array;
  #blockRows = 0;

  constructor(
    queries: Float32Array,
    { dimension, metric, width }: { dimension: number; metric: Metric; width: number },
  ) {
    this.#metric = metric;
    this.#dimension = dimension;
    this.#queries = Float64Array.from(queries);
    this.#queryCount = queries.length / dimension;
    this.heaps = new NearestHeaps(this.#queryCount, width);
    const rows = Math.max(1, Math.floor(BLOCK_BYTES / 8 / dimension));
    this.#block = new Float64Array(rows * dimension);
    this.#blockIds = new Float64Array(rows);
    if (metric !== 'cosine') return;
    for (let query = 0; query < this.#queryCount; query++) {
      toLengthOne(this.#queries, query * dimension, dimension);
    }
  }

  /** The vector is copied. */
  add(id: number, vector: ArrayLike<number>): void {
    const dimension = this.#dimension;
    const at = this.#blockRows * dimension;
    this.#block.set(vector, at);
    this.#blockIds[this.#blockRows++] = id;
    const squared = squaredLength(this.#block, at, dimension);
    if (squared > this.longestSquared) this.longestSquared = squared;
    if (this.#metric === 'cosine') toLengthOne(this.#block, at, dimension);
    if (this.#blockRows === this.#blockIds.length) this.flush();
  }

  /** Compares what was added last. */
  flush(): void {
    const distanceOf = DISTANCES[this.#metric];
    const dimension = this.#dimension;
    for (let query = 0; query < this.#queryCount; query++) {
      let bound = this.heaps.bound(query);
      for (let row = 0; row < this.#blockRows; row++) {
        const distance = distanceOf(
          this.#queries,
          query * dimension,
          this.#block,
          row * dimension,
          dimension,
          bound,
        );
        if (distance > bound) continue;
        this.heaps.offer(query, distance, this.#blockIds[row]!);
        bound = this.heaps.bound(query);
      }
    }
    this.#blockRows = 0;
  }
}

/** A vector of nothing but zeros stays one: it is as far from any as one at a right angle. */
function toLengthOne(vectors: Float64Array, from: number, dimension: number): void {
  const length = Math.sqrt(squaredLength(vectors, from, dimension));
  if (length === 0) return;
  for (let at = from; at < from + dimension; at++) vectors[at] = vectors[at]! / length;
}
