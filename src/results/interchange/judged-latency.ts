import type { MetricSource, RankedLatency, Tags } from '../../measure/metrics/metric-source.ts';
import type { Result } from '../schema/result.ts';

/** Percentiles in ms for the interchange files: what is not known is null, and said why. */
export interface InterchangeLatency {
  /** By percent; null where there are too few samples, or where it was not answered. */
  readonly percentiles: Readonly<Record<number, number | null>>;
  readonly meanMs: number | null;
  /** Names of those with too few samples. */
  readonly thin: readonly string[];
  readonly notes: readonly string[];
}

const NAMES: Readonly<Record<number, string>> = {
  50: 'p50',
  90: 'p90',
  95: 'p95',
  99: 'p99',
  99.9: 'p999',
};

/** The latency that a comparison is made by: response time where arrivals follow a plan. */
export function judgedMetric(result: Result): 'response_time' | 'service_time' {
  return result.flows.some(({ model }) => model === 'open') ? 'response_time' : 'service_time';
}

export function interchangeLatency(
  result: Result,
  source: MetricSource,
  { percents, tags }: { readonly percents: readonly number[]; readonly tags: Tags },
): InterchangeLatency {
  const metric = judgedMetric(result);
  const ranked = source.ranked(metric, tags);
  const values = percents.map((percent) => [percent, ranked.percentile(percent)] as const);
  const named = (kind: string): string[] =>
    values.filter(([, value]) => value.kind === kind).map(([percent]) => NAMES[percent]!);
  const unanswered = named('not-answered');
  return {
    percentiles: Object.fromEntries(
      values.map(([percent, value]) => [
        percent,
        value.kind === 'value' ? milliseconds(value.value) : null,
      ]),
    ),
    meanMs: ranked.answered.count === 0 ? null : milliseconds(ranked.answered.mean),
    thin: named('too-few'),
    notes: [
      `latency_ms is ${metric} (${metric === 'response_time' ? 'open' : 'closed'} model)`,
      ...(unanswered.length > 0 ? [notAnswered(ranked, unanswered)] : []),
    ],
  };
}

function notAnswered(ranked: RankedLatency, names: readonly string[]): string {
  const percent = ((ranked.neverAnswered / ranked.total) * 100).toFixed(2);
  return `${names.join(', ')} not answered: ${percent}% failed or was never sent`;
}

/** To the nanosecond, without the noise of a division. */
function milliseconds(ns: number): number {
  return Math.round(ns) / 1e6;
}
