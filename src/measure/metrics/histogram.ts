import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import {
  cellOf,
  LAYOUTS,
  rangeOf,
  type HistogramLayout,
  type Resolution,
} from './histogram-layout.ts';
import type { HistogramView } from './metric-source.ts';

/** A histogram as plain JSON. `min`, `max` and `sum` are exact where they were recorded. */
export interface HistogramRecord {
  readonly resolution: Resolution;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  /** [cell, count] of the cells that are not empty, ascending. */
  readonly cells: readonly (readonly [number, number])[];
}

const BLOCK_CELLS = 256;

/**
 * Counts of values in HdrHistogram's cells, with exact smallest, largest and sum beside them. Holds
 * memory only between the smallest and the largest cell it has seen. Values are whole ns, or whole
 * units of whatever the layout counts; those of a ratio are counted in billionths.
 */
export class Histogram implements HistogramView {
  readonly layout: HistogramLayout;
  /** Counts of the cells from `#first` on. Doubles, which are exact to 2^53. */
  #counts: Float64Array = new Float64Array(0);
  #first = 0;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(layout: HistogramLayout = LAYOUTS.standard) {
    this.layout = layout;
  }

  static fromRecord(record: HistogramRecord): Histogram {
    const histogram = new Histogram(LAYOUTS[record.resolution]);
    if (record.cells.length === 0) return histogram;
    histogram.#cover(record.cells[0]![0], record.cells.at(-1)![0]);
    for (const [cell, count] of record.cells) histogram.#addToCell(cell, count);
    const per = histogram.layout.unitsPerOne;
    histogram.#note(Math.round(record.sum * per), record.min * per, record.max * per);
    return histogram;
  }

  record(valueNs: number, count = 1): void {
    const value = Math.round(valueNs * this.layout.unitsPerOne);
    const cell = cellOf(value, this.layout);
    this.#cover(cell, cell);
    this.#addToCell(cell, count);
    this.#note(value * count, value, value);
  }

  /** Adds every sample of `other`, which must have the same layout. */
  add(other: Histogram): void {
    if (other.layout !== this.layout) {
      throw new LoadgenError('BUG', { reason: 'histograms of different layouts were added' });
    }
    if (other.#count === 0) return;
    this.#cover(other.#first, other.#first + other.#counts.length - 1);
    for (let at = 0; at < other.#counts.length; at++) {
      this.#counts[other.#first - this.#first + at]! += other.#counts[at]!;
    }
    this.#count += other.#count;
    this.#note(other.#sum, other.#min, other.#max);
  }

  /**
   * Adds `cells[base + cell]` for the cells of `statistics`' range and sets them to 0: how the
   * runner takes over what a worker counted.
   */
  takeCells(
    cells: Uint32Array,
    base: number,
    statistics: { readonly sum: number; readonly min: number; readonly max: number },
  ): void {
    const from = cellOf(statistics.min, this.layout);
    const to = cellOf(statistics.max, this.layout);
    this.#cover(from, to);
    for (let cell = from; cell <= to; cell++) {
      const count = cells[base + cell]!;
      if (count === 0) continue;
      this.#addToCell(cell, count);
      cells[base + cell] = 0;
    }
    this.#note(statistics.sum, statistics.min, statistics.max);
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum / this.layout.unitsPerOne;
  }

  get min(): number {
    return this.#count === 0 ? 0 : this.#min / this.layout.unitsPerOne;
  }

  get max(): number {
    return this.#count === 0 ? 0 : this.#max / this.layout.unitsPerOne;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.sum / this.#count;
  }

  /** Of the whole population, from the middles of cells: within half a cell of the exact one. */
  get standardDeviation(): number {
    if (this.#count === 0) return 0;
    const mean = this.mean;
    let squares = 0;
    for (const { from, to, count } of this.cells()) {
      squares += count * ((from + to) / 2 - mean) ** 2;
    }
    return Math.sqrt(squares / this.#count);
  }

  percentile(percent: number): number {
    if (this.#count === 0) return 0;
    return this.valueAtRank(rankOf(percent, this.#count));
  }

  /** The highest value equivalent to the sample at `rank`, from 1 in ascending order. */
  valueAtRank(rank: number): number {
    return this.valuesAtRanks([rank])[0]!;
  }

  /** The same for several ranks, ascending, in one pass over the cells. */
  valuesAtRanks(ranks: readonly number[]): number[] {
    const values: number[] = [];
    let seen = 0;
    for (let at = 0; at < this.#counts.length && values.length < ranks.length; at++) {
      seen += this.#counts[at]!;
      while (values.length < ranks.length && seen >= ranks[values.length]!) {
        values.push(this.#highestOf(this.#first + at) / this.layout.unitsPerOne);
      }
    }
    while (values.length < ranks.length) values.push(this.max);
    return values;
  }

  /**
   * `from` and `to` are the values a cell may hold, cut to the smallest and largest recorded. Begins
   * with the cell that `leastNs` lies in.
   */
  cells(leastNs = 0): { from: number; to: number; count: number }[] {
    const cells: { from: number; to: number; count: number }[] = [];
    const per = this.layout.unitsPerOne;
    const first = cellOf(leastNs * per, this.layout);
    this.forEachCell((cell, count) => {
      if (cell < first) return;
      const lowest = Math.max(rangeOf(cell, this.layout).from, this.#min);
      const from = cell === 0 ? this.#min : lowest;
      cells.push({ from: from / per, to: this.#highestOf(cell) / per, count });
    });
    return cells;
  }

  toRecord(): HistogramRecord {
    const { resolution } = this.layout;
    const { count, min, max, sum } = this;
    const cells: [number, number][] = [];
    this.forEachCell((cell, counted) => cells.push([cell, counted]));
    return { resolution, count, min, max, sum, cells };
  }

  /** Visits the cells that are not empty, in ascending order. */
  forEachCell(visit: (cell: number, count: number) => void): void {
    for (let at = 0; at < this.#counts.length; at++) {
      const count = this.#counts[at]!;
      if (count !== 0) visit(this.#first + at, count);
    }
  }

  /** The highest value that a sample in `cell` may have had. */
  #highestOf(cell: number): number {
    // What lies beyond the layout was counted in the last cell: only the maximum bounds it.
    if (cell === this.layout.cellCount - 1) return this.#max;
    const { from, width } = rangeOf(cell, this.layout);
    return Math.min(from + width - 1, this.#max);
  }

  #addToCell(cell: number, count: number): void {
    this.#counts[cell - this.#first]! += count;
    this.#count += count;
  }

  #note(sum: number, min: number, max: number): void {
    this.#sum += sum;
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
  }

  /** Makes room for the cells from `from` to `to`. */
  #cover(from: number, to: number): void {
    const end = this.#first + this.#counts.length;
    if (this.#counts.length > 0 && from >= this.#first && to < end) return;
    const empty = this.#counts.length === 0;
    const lowest = empty ? from : Math.min(from, this.#first);
    const highest = empty ? to : Math.max(to, end - 1);
    // Whole blocks, so that values which wander upwards do not copy the counts each time.
    const first = lowest - (lowest % BLOCK_CELLS);
    const last = Math.min(highest - (highest % BLOCK_CELLS) + BLOCK_CELLS, this.layout.cellCount);
    const counts = new Float64Array(last - first);
    if (!empty) counts.set(this.#counts, this.#first - first);
    this.#counts = counts;
    this.#first = first;
  }
}

/**
 * ceil(percent ÷ 100 × count), at least 1. The product of two doubles may lie a few units of the
 * last place above the whole number that it should be (99.9 % of 1,000), and must not then rank one
 * higher.
 */
export function rankOf(percent: number, count: number): number {
  const rank = (percent * count) / 100;
  return Math.max(1, Math.ceil(rank - rank * 1e-15));
}
