import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import { formatCount } from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import { padEnd } from '../format/width.ts';
import { counterWords, ownCounters, ownHistograms } from '../own-metrics.ts';
import type { Palette } from '../palette.ts';
import { metricRows } from './latency.ts';
import { latencyTable } from './latency-table.ts';

/** What drivers and scenarios measure that is no time: sizes, counts, what is counted beside. */
export function ownMetricsSection(source: MetricSource, palette: Palette): string[] {
  const histograms = ownHistograms(source).filter(({ unit }) => unit !== 'ns' && unit !== 'ratio');
  const counters = ownCounters(source);
  const rows = histograms.flatMap(({ name, unit }) => {
    const steps = source.tagValues(name, 'step');
    const own = metricRows(source, name, steps.length > 1 ? steps : []);
    return own.map((row) => ({ ...row, unit }));
  });
  const columns = Math.max(0, ...counters.map(({ name }) => name.length));
  const leftOut = source.counter('samples_left_out');
  return [
    ...(rows.length === 0 ? [] : latencyTable('Counts and sizes', rows, palette)),
    ...(rows.length === 0 && counters.length > 0 ? [palette.strong('Counts')] : []),
    ...counters.map(
      (each) => `  ${padEnd(printable(each.name), columns)}  ${counterWords(source, each)}`,
    ),
    ...(leftOut === 0
      ? []
      : [palette.bad(`  ${formatCount(leftOut)} values of long operations were left out`)]),
  ];
}
