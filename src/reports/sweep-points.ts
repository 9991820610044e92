import type { MetricSource, RankedValue } from '../measure/metrics/metric-source.ts';
import { medianOf, repetitionInterval } from '../measure/statistics/student-interval.ts';
import type { Result } from '../results/schema/result.ts';
import { measuredSource } from './measured-source.ts';
import { ownHistograms } from './own-metrics.ts';
import type { ReportedTrial } from './report.ts';

/** One point of a sweep over its repetitions. */
export interface SweepPoint {
  readonly axes: Result['axes'];
  readonly trials: readonly ReportedTrial[];
  /** Per second, operations answered ok. */
  readonly throughput: RepeatedFigure;
  /** In ns. */
  readonly responseP50: RepeatedFigure;
  readonly responseP99: RepeatedFigure;
  readonly errorRate: RepeatedFigure;
  /** The mean of the first score, where answers were scored. */
  readonly score?: { readonly name: string; readonly mean: RepeatedFigure };
}

/** A figure of every repetition, put together. */
export type RepeatedFigure =
  | {
      readonly kind: 'value';
      readonly median: number;
      readonly low: number;
      readonly high: number;
      /** Of the mean, where there are at least two repetitions. */
      readonly interval95: { readonly low: number; readonly high: number } | null;
      readonly method: string | null;
    }
  /** Not every repetition has it: the first reason that was found. */
  | { readonly kind: 'none'; readonly reason: Exclude<RankedValue, { kind: 'value' }> | null };

/** The points of a run in the order in which they were first run, each with its repetitions. */
export function sweepPoints(trials: readonly ReportedTrial[]): SweepPoint[] {
  const groups = new Map<string, ReportedTrial[]>();
  for (const trial of trials) {
    const key = JSON.stringify(trial.result.axes);
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  return [...groups.values()].map(pointOf);
}

function pointOf(trials: readonly ReportedTrial[]): SweepPoint {
  const sources = trials.map(({ result }) => measuredSource(result));
  const percentile = (percent: number): RepeatedFigure =>
    rankedFigure(sources.map((source) => source.ranked('response_time').percentile(percent)));
  const shares = sources.map((source) => source.share('error_rate'));
  return {
    axes: trials[0]!.result.axes,
    trials,
    throughput: figure(trials.map(({ result }) => result.throughput.operationsPerSecond)),
    responseP50: percentile(50),
    responseP99: percentile(99),
    errorRate: shares.every(({ whole }) => whole > 0)
      ? figure(shares.map(({ part, whole }) => part / whole))
      : { kind: 'none', reason: null },
    ...scoreOf(sources),
  };
}

function scoreOf(sources: readonly MetricSource[]): Pick<SweepPoint, 'score'> {
  const scored = sources.flatMap((source) => ownHistograms(source));
  const name = scored.find(({ unit }) => unit === 'ratio')?.name;
  if (name === undefined) return {};
  const views = sources
    .filter(({ declarations }) => declarations.has(name))
    .map((source) => source.histogram(name))
    .filter(({ count }) => count > 0);
  return { score: { name, mean: figure(views.map(({ mean }) => mean)) } };
}

function rankedFigure(values: readonly RankedValue[]): RepeatedFigure {
  const missing = values.find((value) => value.kind !== 'value');
  if (missing !== undefined) return { kind: 'none', reason: missing };
  return figure(values.flatMap((one) => (one.kind === 'value' ? [one.value] : [])));
}

function figure(values: readonly number[]): RepeatedFigure {
  const interval95 = repetitionInterval(values) ?? null;
  return {
    kind: 'value',
    median: medianOf(values),
    low: Math.min(...values),
    high: Math.max(...values),
    interval95,
    method: interval95 && `Student's t over ${values.length} repetitions`,
  };
}
