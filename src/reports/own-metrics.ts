import { ownMetrics } from '../measure/metrics/driver-metrics.ts';
import type { MetricDeclaration } from '../measure/metrics/metric.ts';
import type { MetricSource } from '../measure/metrics/metric-source.ts';
import { ratePerSecond } from '../measure/metrics/throughput.ts';
import { metricRate, metricValue } from './format/metric-value.ts';
import { formatShare } from './format/quantities.ts';

/** Histograms that drivers and scenarios declared, of times or of anything else, with samples. */
export function ownHistograms(source: MetricSource): readonly MetricDeclaration[] {
  return ownMetrics(source.declarations).filter(
    ({ kind, name, dialect }) =>
      kind === 'histogram' && dialect === undefined && source.ranked(name).total > 0,
  );
}

/**
 * Counters that drivers declared, and rates that have a name of their own. One that counted nothing
 * is told where its share is asked for.
 */
export function ownCounters(source: MetricSource): readonly MetricDeclaration[] {
  return ownMetrics(source.declarations).filter(({ kind, name, whole, rateOf }) =>
    kind === 'counter'
      ? whole !== undefined || source.counter(name) > 0
      : rateOf !== undefined && source.counter(rateOf) > 0,
  );
}

/** `12,034 (401.1/s)`, and where it is a share of something `3 (0.1/s, 0.02% of attempted)`. */
export function counterWords(source: MetricSource, declared: MetricDeclaration): string {
  const { name, unit, whole, rateOf, better } = declared;
  if (rateOf !== undefined) {
    return `${metricValue(source.gauge(name).last, unit)} (${better} is better)`;
  }
  const count = source.counter(name);
  const share = source.share(name);
  const parts: string[] = [];
  if (count > 0 && source.durationSeconds > 0) {
    parts.push(metricRate(ratePerSecond(source, name), unit));
  }
  if (whole !== undefined && share.whole > 0) {
    parts.push(`${formatShare(share.part / share.whole)} of ${whole}`);
  }
  const total = metricValue(count, unit);
  return parts.length === 0 ? total : `${total} (${parts.join(', ')})`;
}
