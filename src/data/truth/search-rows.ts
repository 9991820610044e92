import type { Metric } from '../metric.ts';
import { DISTANCES, squaredLength } from './distance.ts';
import { NearestHeaps } from './nearest-heap.ts';

/** Rows that are compared with one query after the other while they stay in the cache. */
const BLOCK_BYTES = 128 * 2 ** 10;
/** Rows whose inner products are computed at once. */
const TILE_ROWS = 4;
/**
 * How far an inner product in doubles may be off, as a share of both squared lengths: some hundred
 * times what summing 100,000 products in any order can come to.
 */
const MARGIN = 2 ** -30;

/** Queries, and the rows nearest to each so far. */
export class RowSearch {
  readonly heaps: NearestHeaps;
  /** Of all rows offered. */
  longestSquared = 0;
  readonly #metric: Metric;
  readonly #dimension: number;
  readonly #queries: Float64Array;
  readonly #queryCount: number;
  readonly #querySquares: Float64Array;
  readonly #block: Float64Array;
  readonly #blockIds: Float64Array;
  readonly #blockSquares: Float64Array;
  readonly #products: Float64Array;
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
    const rows = TILE_ROWS * Math.max(1, Math.floor(BLOCK_BYTES / 8 / dimension / TILE_ROWS));
    this.#block = new Float64Array(rows * dimension);
    this.#blockIds = new Float64Array(rows);
    this.#blockSquares = new Float64Array(rows);
    this.#products = new Float64Array(rows);
    this.#querySquares = new Float64Array(this.#queryCount);
    for (let query = 0; query < this.#queryCount; query++) {
      const at = query * dimension;
      if (metric === 'cosine') toLengthOne(this.#queries, at, dimension);
      this.#querySquares[query] = squaredLength(this.#queries, at, dimension);
    }
  }

  /** The vector is copied. */
  add(id: number, vector: ArrayLike<number>): void {
    const dimension = this.#dimension;
    const row = this.#blockRows++;
    const at = row * dimension;
    this.#block.set(vector, at);
    this.#blockIds[row] = id;
    const squared = squaredLength(this.#block, at, dimension);
    if (squared > this.longestSquared) this.longestSquared = squared;
    if (this.#metric === 'cosine') toLengthOne(this.#block, at, dimension);
    this.#blockSquares[row] = squaredLength(this.#block, at, dimension);
    if (this.#blockRows === this.#blockIds.length) this.flush();
  }

  /** Compares what was added last. */
  flush(): void {
    for (let query = 0; query < this.#queryCount; query++) {
      if (this.#metric === 'hamming') this.#compareAll(query);
      else this.#compareNear(query);
    }
    this.#blockRows = 0;
  }

  #compareAll(query: number): void {
    for (let row = 0; row < this.#blockRows; row++) this.#compare(query, row);
  }

  /** Only the rows that may be near enough, by inner products that are quick to compute. */
  #compareNear(query: number): void {
    innerProducts(this.#queries, query * this.#dimension, this.#block, this.#products);
    const querySquare = this.#querySquares[query]!;
    const isL2 = this.#metric === 'l2';
    let bound = this.heaps.bound(query);
    for (let row = 0; row < this.#blockRows; row++) {
      const squares = querySquare + this.#blockSquares[row]!;
      const product = this.#products[row]!;
      const about = isL2 ? squares - 2 * product : (this.#metric === 'cosine' ? 1 : 0) - product;
      if (about > bound + MARGIN * squares) continue;
      this.#compare(query, row);
      bound = this.heaps.bound(query);
    }
  }

  #compare(query: number, row: number): void {
    const bound = this.heaps.bound(query);
    const dimension = this.#dimension;
    const [from, to] = [query * dimension, row * dimension];
    const distance = DISTANCES[this.#metric](
      this.#queries,
      from,
      this.#block,
      to,
      dimension,
      bound,
    );
    if (distance <= bound) this.heaps.offer(query, distance, this.#blockIds[row]!);
  }
}

/**
 * Of one query with all rows of a block, four at a time, so that each number of the query is read
 * once for four products.
 */
function innerProducts(
  queries: Float64Array,
  queryAt: number,
  block: Float64Array,
  products: Float64Array,
): void {
  const dimension = block.length / products.length;
  for (let row = 0; row < products.length; row += TILE_ROWS) {
    const first = row * dimension;
    const second = first + dimension;
    const third = second + dimension;
    const fourth = third + dimension;
    let [one, two, three, four] = [0, 0, 0, 0];
    for (let at = 0; at < dimension; at++) {
      const value = queries[queryAt + at]!;
      one += value * block[first + at]!;
      two += value * block[second + at]!;
      three += value * block[third + at]!;
      four += value * block[fourth + at]!;
    }
    products[row] = one;
    products[row + 1] = two;
    products[row + 2] = three;
    products[row + 3] = four;
  }
}

/** A vector of nothing but zeros stays one: it is as far from any as one at a right angle. */
function toLengthOne(vectors: Float64Array, from: number, dimension: number): void {
  const length = Math.sqrt(squaredLength(vectors, from, dimension));
  if (length === 0) return;
  for (let at = from; at < from + dimension; at++) vectors[at] = vectors[at]! / length;
}
