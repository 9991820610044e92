import { giveWay } from '../../base/time/give-way.ts';
import type { Account, Interval } from '../../measure/metrics/interval.ts';
import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { MetricStore } from '../../measure/metrics/metric-store.ts';
import type { MonitorSample } from '../../measure/monitors/trial-monitor.ts';
import type { Phase } from '../../measure/metrics/outcome.ts';
import { accountDelta } from '../account-delta.ts';
import type { IntervalLatency, IntervalRow, IntervalValues } from '../schema/interval-row.ts';
import { monitorsOf } from '../schema/monitors.ts';
import { seriesName } from '../series-name.ts';

const PERCENTS = [50, 90, 95, 99, 99.9] as const;

/** An interval as the line that is kept of it. */
export function intervalRow(
  interval: Interval & { readonly metrics: MetricStore },
  about: {
    readonly before: Account | undefined;
    readonly startedAt: string;
    readonly monitors?: MonitorSample | undefined;
  },
): IntervalRow {
  const { before, startedAt, monitors } = about;
  const delta = accountDelta(before, interval.account);
  const seconds = interval.durationNs / 1e9;
  return {
    phase: interval.phase,
    second: interval.second,
    seconds: interval.seconds,
    startedAt,
    startedAtNs: Math.round(interval.startedAtNs),
    durationNs: Math.round(interval.durationNs),
    due: delta.due,
    started: delta.started,
    unsent: delta.unsent,
    waiting: delta.waiting,
    operations: delta.operations,
    inFlight: delta.inFlight,
    throughput: seconds > 0 ? (delta.operations['ok'] ?? 0) / seconds : 0,
    percentiles: percentiles(interval.metrics, interval.phase),
    ...ownValues(interval.metrics, interval.phase),
    ...seriesValues(interval.metrics, interval.phase),
    ...(monitors && { monitors: monitorsOf(monitors) }),
    account: interval.account,
  };
}

/** Counters and gauges of every series, so that a run that was killed can be rebuilt from rows. */
function seriesValues(
  metrics: MetricStore,
  phase: Phase,
): Pick<IntervalRow, 'counters' | 'gauges'> {
  const counters: Record<string, number> = {};
  const gauges: Record<string, number> = {};
  for (const { head, value, gauge } of metrics.series()) {
    const { metric, tags, kind } = head;
    if (tags['phase'] !== phase) continue;
    if (kind === 'counter' && value !== 0) counters[seriesName(metric, tags)] = value;
    if (kind === 'gauge') gauges[seriesName(metric, tags)] = gauge?.last ?? 0;
  }
  return { counters, gauges };
}

function percentiles(source: MetricSource, phase: string): Record<string, IntervalLatency> {
  const rows: Record<string, IntervalLatency> = {};
  for (const { name, kind, unit } of source.declarations.values()) {
    if (kind !== 'histogram' || unit !== 'ns') continue;
    const row = latency(source, name, phase);
    if (row !== undefined) rows[name] = row;
  }
  return rows;
}

/** Of histograms that are no times: there is nothing of them but what was recorded. */
function ownValues(source: MetricSource, phase: string): Pick<IntervalRow, 'values'> {
  const values: Record<string, IntervalValues> = {};
  for (const { name, kind, unit } of source.declarations.values()) {
    if (kind !== 'histogram' || unit === 'ns') continue;
    const ranked = source.ranked(name, { phase });
    const { count, mean, min, max } = ranked.answered;
    if (count === 0) continue;
    const row: IntervalValues = { count, mean, min, max };
    for (const percent of PERCENTS) {
      const value = ranked.percentile(percent);
      if (value.kind === 'value') row[`p${percent}`] = value.value;
    }
    values[name] = row;
  }
  return Object.keys(values).length === 0 ? {} : { values };
}

function latency(source: MetricSource, metric: string, phase: string): IntervalLatency | undefined {
  giveWay();
  const ranked = source.ranked(metric, { phase });
  if (ranked.total === 0) return undefined;
  const row: IntervalLatency = {
    count: ranked.answered.count,
    maxNs: Math.round(ranked.answered.max),
  };
  ranked.percentiles(PERCENTS).forEach((value, at) => {
    if (value.kind === 'value') row[`p${PERCENTS[at]!}Ns`] = Math.round(value.value);
  });
  if (ranked.neverAnswered > 0) row.notAnsweredShare = ranked.neverAnswered / ranked.total;
  return row;
}
