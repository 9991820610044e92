import type { Interval } from '../measure/metrics/interval.ts';
import type { MetricSource, Tags } from '../measure/metrics/metric-source.ts';
import type { OutputSecond } from './output.ts';

/** What happened within one second, in one step or in all (`step` is then empty). */
export type SecondRow = Readonly<Record<string, string | number | null>>;

const LATENCIES = ['response_time', 'service_time'] as const;
const PERCENTS = [50, 90, 95, 99] as const;

/**
 * The rows of a second: one over all steps, and one for each where there are several. Keys are the
 * same in every row. A percentile below its sample floor, or among what was never answered, is null.
 */
export function secondRows(second: OutputSecond): SecondRow[] {
  const { interval } = second;
  const steps = interval.metrics.tagValues('attempted', 'step');
  const scopes = ['', ...(steps.length > 1 ? steps : [])];
  return scopes.map((step) => ({ ...head(second), step, ...figures(interval, step) }));
}

function head({ trial, interval, endedAtMs }: OutputSecond): SecondRow {
  const labels = Object.entries(trial.labels).map(([name, value]) => `${name}=${value}`);
  return {
    timestamp: new Date(endedAtMs).toISOString(),
    scenario: trial.scenario,
    trial: trial.trial,
    point: labels.join(' '),
    phase: interval.phase,
    second: interval.second,
    seconds: interval.durationNs / 1e9,
  };
}

function figures({ metrics, phase, account }: Interval, step: string): SecondRow {
  const tags: Tags = step === '' ? { phase } : { phase, step };
  const isWhole = step === '';
  const count = (name: string, more: Tags = {}): number =>
    metrics.counter(name, { ...tags, ...more });
  return {
    // Iterations and places belong to no step.
    due: isWhole ? count('due') : null,
    started: isWhole ? count('started') : null,
    unsent: isWhole ? count('unsent') : null,
    waiting: isWhole ? account.waiting : null,
    in_flight: isWhole ? account.inFlight : null,
    attempted: count('attempted'),
    ok: count('operations', { outcome: 'ok' }),
    failed: count('operations', { outcome: 'failed' }),
    bytes_sent: count('bytes_sent'),
    bytes_received: count('bytes_received'),
    ...Object.fromEntries(LATENCIES.flatMap((metric) => latency(metrics, metric, tags))),
  };
}

function latency(source: MetricSource, metric: string, tags: Tags): [string, number | null][] {
  const ranked = source.ranked(metric, tags);
  const { answered } = ranked;
  return [
    ...PERCENTS.map((percent): [string, number | null] => {
      const found = ranked.percentile(percent);
      return [
        `${metric}_p${percent}_ms`,
        found.kind === 'value' ? milliseconds(found.value) : null,
      ];
    }),
    [`${metric}_max_ms`, answered.count === 0 ? null : milliseconds(answered.max)],
  ];
}

/** To the nanosecond, without the noise of a division. */
function milliseconds(ns: number): number {
  return Math.round(ns) / 1e6;
}
