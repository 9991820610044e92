import type { HistogramView, MetricSource, Tags } from '../measure/metrics/metric-source.ts';
import type { MetricDeclaration } from '../measure/metrics/metric.ts';

/**
 * Upper bounds of the buckets in which live histograms are told, in seconds: from the lags of a
 * quiet generator to the timeout of a slow target. Percentiles from them are coarse; those of the
 * results are not.
 */
const BUCKET_BOUNDS_SECONDS = [
  0.00001, 0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  30, 60,
] as const;

/** The same for what is no time: from one to a million, from 64 B to 1 GiB, from nothing to all. */
const BUCKET_BOUNDS: Readonly<Record<MetricDeclaration['unit'], readonly number[]>> = {
  ns: BUCKET_BOUNDS_SECONDS,
  count: [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5, 1e6],
  bytes: [6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30].map((power) => 2 ** power),
  ratio: [0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1],
};

const NS_PER_SECOND = 1e9;

/** A metric with all its series, counted since the trial began. Times are in seconds. */
export interface MetricFamily {
  readonly declaration: MetricDeclaration;
  readonly bounds: readonly number[];
  readonly series: readonly CumulativeSeries[];
}

export interface CumulativeSeries {
  readonly tags: Tags;
  /** Of a counter or gauge. */
  readonly value: number;
  readonly histogram?: BucketCounts;
}

export interface BucketCounts {
  readonly count: number;
  readonly sum: number;
  /** One more than there are bounds; each counts what lies above the bound before it. */
  readonly counts: readonly number[];
}

export function cumulativeMetrics(total: MetricSource): MetricFamily[] {
  return [...total.declarations.values()]
    .filter(({ kind }) => kind !== 'share')
    .map((declaration) => ({
      declaration,
      bounds: BUCKET_BOUNDS[declaration.unit],
      series: total.seriesTags(declaration.name).map((tags) => seriesOf(total, declaration, tags)),
    }))
    .filter(({ series }) => series.length > 0);
}

function seriesOf(
  total: MetricSource,
  { name, kind, unit }: MetricDeclaration,
  tags: Tags,
): CumulativeSeries {
  if (kind === 'counter') return { tags, value: total.counter(name, tags) };
  if (kind === 'gauge') return { tags, value: total.gauge(name, tags).last };
  const unitsPerOne = unit === 'ns' ? NS_PER_SECOND : 1;
  const histogram = inBuckets(total.histogram(name, tags), BUCKET_BOUNDS[unit], unitsPerOne);
  return { tags, value: 0, histogram };
}

/** A cell that reaches over a bound counts above it: its values differ by a thousandth at most. */
function inBuckets(
  view: HistogramView,
  bounds: readonly number[],
  unitsPerOne: number,
): BucketCounts {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  let bucket = 0;
  for (const { to, count } of view.cells()) {
    while (bucket < bounds.length && to > bounds[bucket]! * unitsPerOne) bucket++;
    counts[bucket]! += count;
  }
  return { count: view.count, sum: (view.mean * view.count) / unitsPerOne, counts };
}
