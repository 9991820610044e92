import { NS_PER_SECOND } from '../base/time/clock.ts';
import type { Account, Interval } from '../measure/metrics/interval.ts';
import type { MetricSource, RankedValue } from '../measure/metrics/metric-source.ts';
import { accountDelta } from '../results/account-delta.ts';

/** What a live view shows of one second. */
export interface SecondFigures {
  /** Since the phase began, at the end of the second. */
  readonly elapsedNs: number;
  readonly duePerSecond: number;
  readonly startedPerSecond: number;
  /** Operations that ended well. */
  readonly okPerSecond: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly response: LatencyFigures;
  readonly service: LatencyFigures;
  readonly pacerLag: LatencyFigures;
  readonly writeLag: LatencyFigures;
}

/** And of the phase since it began. */
export interface WholeFigures {
  readonly response: LatencyFigures;
  readonly service: LatencyFigures;
  readonly attempted: number;
  readonly operations: Account['operations'];
  readonly unsent: Account['unsent'];
}

export interface LatencyFigures {
  readonly p50: RankedValue;
  readonly p99: RankedValue;
}

export function secondFigures(before: Account | undefined, interval: Interval): SecondFigures {
  const delta = accountDelta(before, interval.account);
  const seconds = interval.durationNs / NS_PER_SECOND;
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0);
  const latency = (metric: string): LatencyFigures =>
    latencyFigures(interval.metrics, metric, interval.phase);
  return {
    elapsedNs: (interval.second + interval.seconds) * NS_PER_SECOND,
    duePerSecond: perSecond(delta.due),
    startedPerSecond: perSecond(delta.started),
    okPerSecond: perSecond(delta.operations['ok'] ?? 0),
    waiting: delta.waiting,
    inFlight: delta.inFlight,
    response: latency('response_time'),
    service: latency('service_time'),
    pacerLag: latency('pacer_lag'),
    writeLag: latency('write_lag'),
  };
}

export function wholeFigures(interval: Interval, total: MetricSource): WholeFigures {
  const { attempted, operations, unsent } = interval.account;
  return {
    response: latencyFigures(total, 'response_time', interval.phase),
    service: latencyFigures(total, 'service_time', interval.phase),
    attempted,
    operations,
    unsent,
  };
}

/** Outcomes that went wrong, most frequent first: `timeout 30, rejected 10`. */
export function failures(operations: Account['operations']): readonly [string, number][] {
  return Object.entries(operations)
    .filter(([outcome, count]) => count > 0 && outcome !== 'ok' && outcome !== 'cancelled')
    .sort(([, one], [, other]) => other - one);
}

function latencyFigures(source: MetricSource, metric: string, phase: string): LatencyFigures {
  const ranked = source.ranked(metric, { phase });
  return { p50: ranked.percentile(50), p99: ranked.percentile(99) };
}
