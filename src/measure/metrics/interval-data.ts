import { Histogram } from './histogram.ts';
import type { SeriesLayout } from './series-layout.ts';

/** The numbers of one interval, by their index in the layout. */
export class IntervalData {
  readonly layout: SeriesLayout;
  /** What counters grew by; the levels of gauges at the end. */
  readonly counters: Float64Array;
  /** Undefined where nothing was recorded. */
  readonly histograms: (Histogram | undefined)[];

  constructor(layout: SeriesLayout) {
    this.layout = layout;
    this.counters = new Float64Array(layout.counters.length);
    this.histograms = layout.histograms.map(() => undefined);
  }

  /** The histogram of a series, made when it is first asked for. */
  histogram(index: number): Histogram {
    return (this.histograms[index] ??= new Histogram(this.layout.histograms[index]!.layout));
  }

  /** True when nothing was counted and nothing is open. */
  get isEmpty(): boolean {
    return this.counters.every((count) => count === 0) && this.histograms.every((h) => !h);
  }

  /** Adds the counts of `other`; gauges add up too, so it must be of the same instant. */
  add(other: IntervalData): void {
    other.counters.forEach((count, index) => (this.counters[index]! += count));
    other.histograms.forEach((histogram, index) => {
      if (histogram !== undefined) this.histogram(index).add(histogram);
    });
  }
}
