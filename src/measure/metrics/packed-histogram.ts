import { Histogram, type HistogramRecord } from './histogram.ts';
import type { HistogramLayout } from './histogram-layout.ts';

/**
 * A histogram that is kept and not added to: its non-empty cells alone, in a few kilobytes, where
 * a `Histogram` has every cell between its smallest and its largest, some 70 KiB for a second.
 */
export class PackedHistogram {
  readonly layout: HistogramLayout;
  readonly #cells: Uint32Array;
  readonly #counts: Float64Array;
  readonly #rest: Omit<HistogramRecord, 'cells'>;

  constructor(histogram: Histogram) {
    this.layout = histogram.layout;
    const { cells, ...rest } = histogram.toRecord();
    this.#cells = Uint32Array.from(cells, ([cell]) => cell);
    this.#counts = Float64Array.from(cells, ([, count]) => count);
    this.#rest = rest;
  }

  unpack(): Histogram {
    const cells = Array.from(this.#cells, (cell, at): [number, number] => [
      cell,
      this.#counts[at]!,
    ]);
    return Histogram.fromRecord({ ...this.#rest, cells });
  }
}
