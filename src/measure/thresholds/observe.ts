import type { MetricDeclaration } from '../metrics/metric.ts';
import type { MetricSource, RankedLatency, Tags } from '../metrics/metric-source.ts';
import { sampleFloor } from '../metrics/percentile-floors.ts';
import { matches } from '../metrics/series-key.ts';
import { hasShare } from '../metrics/share-of-metric.ts';
import { ratePerSecond } from '../metrics/throughput.ts';
import type { ThresholdSpec } from './threshold-spec.ts';

/** What a threshold finds in the recorded metrics. */
export type Observation =
  | {
      readonly kind: 'value';
      readonly value: number;
      readonly unit: MetricDeclaration['unit'];
      readonly perSecond: boolean;
      readonly thin: boolean;
    }
  /** So many of those that were due were never answered that the value does not exist. */
  | { readonly kind: 'not-answered'; readonly share: number; readonly thin: boolean }
  | { readonly kind: 'too-few'; readonly needs: number; readonly has: number }
  | { readonly kind: 'no-data' };

const NO_DATA: Observation = { kind: 'no-data' };

/** The value that `spec` asks for, over the series with `tags`. */
export function observe(source: MetricSource, spec: ThresholdSpec, tags: Tags): Observation {
  const declared = source.declarations.get(spec.metric);
  if (declared === undefined) return NO_DATA;
  if (!source.seriesTags(spec.metric).some((series) => matches(series, tags))) return NO_DATA;
  switch (declared.kind) {
    case 'share':
      return observeShare(source, spec, tags);
    case 'counter':
      return observeCounter(source, spec, tags, declared);
    case 'gauge':
      return observeGauge(source, spec, tags, declared);
    case 'histogram':
      return observeHistogram(source, spec, tags, declared);
  }
}

function observeShare(source: MetricSource, spec: ThresholdSpec, tags: Tags): Observation {
  const { part, whole } = source.share(spec.metric, tags);
  if (whole === 0) return NO_DATA;
  return tooFew(whole, spec.minSamples) ?? valueOf(part / whole, 'ratio');
}

function observeCounter(
  source: MetricSource,
  spec: ThresholdSpec,
  tags: Tags,
  declared: MetricDeclaration,
): Observation {
  if (spec.aggregate?.kind === 'share') return observeShare(source, spec, tags);
  const count = source.counter(spec.metric, tags);
  const samples = hasShare(declared) ? source.share(spec.metric, tags).whole : count;
  const few = tooFew(samples, spec.minSamples);
  if (few !== undefined) return few;
  if (spec.aggregate?.kind === 'count') return valueOf(count, declared.unit);
  if (spec.aggregate?.kind !== 'rate' || source.durationSeconds === 0) return NO_DATA;
  const rate = ratePerSecond(source, spec.metric, tags);
  return { ...valueOf(rate, declared.unit), perSecond: true };
}

function observeGauge(
  source: MetricSource,
  spec: ThresholdSpec,
  tags: Tags,
  { unit }: MetricDeclaration,
): Observation {
  const gauge = source.gauge(spec.metric, tags);
  if (gauge.count === 0) return NO_DATA;
  switch (spec.aggregate?.kind) {
    case 'avg':
      return valueOf(gauge.average, unit);
    case 'min':
      return valueOf(gauge.min, unit);
    case 'max':
      return valueOf(gauge.max, unit);
    case 'last':
      return valueOf(gauge.last, unit);
    case 'count':
    case 'percentile':
    case 'rate':
    case 'share':
    case undefined:
      return NO_DATA;
  }
}

/**
 * Of a latency, mean and maximum exist only when everything that was due was answered: one request
 * without an answer makes them infinite. `{outcome:ok}` asks for those of the answered alone.
 */
function observeHistogram(
  source: MetricSource,
  spec: ThresholdSpec,
  tags: Tags,
  { unit }: MetricDeclaration,
): Observation {
  const { aggregate } = spec;
  if (aggregate?.kind === 'count') {
    return valueOf(source.histogram(spec.metric, tags).count, 'count');
  }
  const ranked = source.ranked(spec.metric, tags);
  const { answered, neverAnswered, total } = ranked;
  if (total === 0) return NO_DATA;
  if (aggregate?.kind === 'percentile') {
    return observePercentile(ranked, aggregate.percent, spec, unit);
  }
  const few = tooFew(total, spec.minSamples);
  if (few !== undefined) return few;
  const unanswered = aggregate?.kind === 'min' ? answered.count === 0 : neverAnswered > 0;
  if (unanswered) return { kind: 'not-answered', share: neverAnswered / total, thin: false };
  switch (aggregate?.kind) {
    case 'avg':
      return valueOf(answered.mean, unit);
    case 'min':
      return valueOf(answered.min, unit);
    case 'max':
      return valueOf(answered.max, unit);
    case 'last':
    case 'rate':
    case 'share':
    case undefined:
      return NO_DATA;
  }
}

function observePercentile(
  ranked: RankedLatency,
  percent: number,
  spec: ThresholdSpec,
  unit: MetricDeclaration['unit'],
): Observation {
  const { neverAnswered, total } = ranked;
  const floor = spec.allowThin ? 0 : sampleFloor(percent);
  const few = tooFew(total, Math.max(floor, spec.minSamples ?? 0));
  if (few !== undefined) return few;
  const found = ranked.percentile(percent);
  const thin = found.kind === 'too-few';
  if (found.kind === 'not-answered' || !Number.isFinite(found.value)) {
    return { kind: 'not-answered', share: neverAnswered / total, thin };
  }
  return { ...valueOf(found.value, unit), thin };
}

function tooFew(has: number, needs: number | undefined): Observation | undefined {
  return needs !== undefined && has < needs ? { kind: 'too-few', needs, has } : undefined;
}

function valueOf(
  value: number,
  unit: MetricDeclaration['unit'],
): Extract<Observation, { kind: 'value' }> {
  return { kind: 'value', value, unit, perSecond: false, thin: false };
}
