import type { MetricSource, RankedValue, Tags } from '../measure/metrics/metric-source.ts';
import { measuredSource } from './measured-source.ts';
import { percentName, PERCENTS_SHOWN } from './percents.ts';
import type { Report, ReportedTrial } from './report.ts';

/**
 * The result for programs: the document without its histograms, which only loadgen reads, and with
 * percentiles in their place. An array of trials, also for one.
 */
export const jsonReport: Report = ({ trials }) => ({
  text: `${safeJson(trials.map(trialJson))}\n`,
});

/** JSON escapes control characters up to U+001F only; terminals obey others too. */
function safeJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function trialJson({ result, folder }: ReportedTrial): object {
  const { series: _, ...rest } = result;
  const source = measuredSource(result);
  return { ...rest, folder, latencies: latencies(source), counters: counters(source) };
}

/** Of the measured phase: each histogram as a whole, and by step. */
function latencies(source: MetricSource): object[] {
  const histograms = [...source.declarations.values()].filter(({ kind }) => kind === 'histogram');
  return histograms.flatMap(({ name, unit }) =>
    scopes(source, name).map((tags) => ({
      metric: name,
      unit,
      tags,
      ...figures(source, name, tags),
    })),
  );
}

function figures(source: MetricSource, metric: string, tags: Tags): object {
  const ranked = source.ranked(metric, tags);
  const { count, min, max, mean, standardDeviation } = ranked.answered;
  const percentiles = PERCENTS_SHOWN.map(
    (percent) => [percentName(percent), percentile(ranked.percentile(percent))] as const,
  );
  return {
    count,
    neverAnswered: ranked.neverAnswered,
    ...(count > 0 && { min, max, mean, standardDeviation }),
    percentiles: Object.fromEntries(percentiles),
  };
}

/** The value, or an object that says why there is none. */
function percentile(value: RankedValue): object | number {
  switch (value.kind) {
    case 'value':
      return value.value;
    case 'not-answered':
      return { notAnsweredShare: value.share };
    case 'too-few':
      return { needsSamples: value.needs };
  }
}

function counters(source: MetricSource): object[] {
  const declared = [...source.declarations.values()].filter(({ kind }) => kind === 'counter');
  return declared.flatMap(({ name, unit }) => {
    const all = source.seriesTags(name).filter((tags) => tags['phase'] === 'measure');
    return all.map((tags) => ({ metric: name, unit, tags, value: source.counter(name, tags) }));
  });
}

function scopes(source: MetricSource, metric: string): Tags[] {
  const steps = source.tagValues(metric, 'step');
  return [{}, ...(steps.length > 1 ? steps.map((step) => ({ step })) : [])];
}
