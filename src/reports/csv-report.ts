import { csvLine, type CsvValue } from '../base/expressions/csv.ts';
import type { MetricDeclaration } from '../measure/metrics/metric.ts';
import type { MetricSource, RankedLatency, Tags } from '../measure/metrics/metric-source.ts';
import { matches } from '../measure/metrics/series-key.ts';
import { ratePerSecond } from '../measure/metrics/throughput.ts';
import type { Result } from '../results/schema/result.ts';
import { printable } from './format/printable.ts';
import { notPassedWords } from './format/threshold-words.ts';
import { measuredSource } from './measured-source.ts';
import { ownCounters, ownHistograms } from './own-metrics.ts';
import { percentName, PERCENTS_SHOWN } from './percents.ts';
import type { Report, ReportedTrial } from './report.ts';

const METRICS = ['response_time', 'service_time'] as const;

/**
 * For spreadsheets and scripts: a row per trial over all steps (an empty `step`), and one per step
 * where there are several. What is not known, or stands below its sample floor, is an empty cell.
 */
export const csvReport: Report = ({ trials }) => {
  const axes = [...new Set(trials.flatMap(({ result }) => Object.keys(result.axes)))];
  const own = ownColumns(trials);
  const rows = trials.flatMap((trial) => trialRows(trial, axes, own));
  return {
    text: [heading(axes, own), ...rows].map((row) => csvLine(row.map(shown), '\n')).join(''),
  };
};

function heading(axes: readonly string[], own: readonly MetricDeclaration[]): CsvValue[] {
  return [
    'scenario',
    'trial_id',
    'trial',
    'repetition',
    ...axes,
    'step',
    'state',
    'exit_code',
    'verdict',
    'started_at',
    'duration_s',
    'attempted',
    'ok',
    'failed',
    'unsent',
    'error_rate',
    'throughput_per_s',
    ...METRICS.flatMap((metric) => [
      ...PERCENTS_SHOWN.map((percent) => `${metric}_${percentName(percent)}_ms`),
      `${metric}_max_ms`,
      `${metric}_not_answered_share`,
    ]),
    'thresholds_passed',
    'thresholds_failed',
    'thresholds_undecided',
    'not_passed',
    ...own.flatMap(ownHeading),
  ];
}

/** What any of the trials measured of its drivers' and its own metrics, in the order of the first. */
function ownColumns(trials: readonly ReportedTrial[]): readonly MetricDeclaration[] {
  const measured = trials.flatMap(({ result }) => {
    const source = measuredSource(result);
    return [...ownHistograms(source), ...ownCounters(source)];
  });
  return [...new Map(measured.map((metric) => [metric.name, metric])).values()];
}

function ownHeading({ name, kind, unit }: MetricDeclaration): CsvValue[] {
  if (kind === 'counter') return [name, `${name}_per_s`];
  const suffix = unit === 'ns' ? '_ms' : '';
  return [...PERCENTS_SHOWN.map(percentName), 'max'].map((what) => `${name}_${what}${suffix}`);
}

function ownCells(source: MetricSource, metric: MetricDeclaration, tags: Tags): CsvValue[] {
  const { name, kind, unit } = metric;
  if (kind === 'counter') {
    const isCounted = source.seriesTags(name).some((series) => matches(series, tags));
    return isCounted
      ? [source.counter(name, tags), ratePerSecond(source, name, tags)]
      : [null, null];
  }
  const ranked = source.ranked(name, tags);
  const shownValue = (value: number): number => (unit === 'ns' ? milliseconds(value) : value);
  return [
    ...PERCENTS_SHOWN.map((percent) => {
      const found = ranked.percentile(percent);
      return found.kind === 'value' ? shownValue(found.value) : null;
    }),
    ranked.answered.count === 0 ? null : shownValue(ranked.answered.max),
  ];
}

function trialRows(
  { result }: ReportedTrial,
  axes: readonly string[],
  own: readonly MetricDeclaration[],
): CsvValue[][] {
  const source = measuredSource(result);
  const steps = source.tagValues('attempted', 'step');
  const scopes: Tags[] = [{}, ...(steps.length > 1 ? steps.map((step) => ({ step })) : [])];
  return scopes.map((tags) => [
    result.scenario,
    result.trialId,
    result.trial,
    result.repetition,
    ...axes.map((axis) => axisCell(result.axes[axis])),
    tags['step'],
    result.state,
    result.exitCode,
    result.verdict.state,
    result.phases.find(({ phase }) => phase === 'measure')?.startedAt,
    result.durationSeconds,
    ...counts(result, source, tags),
    ...METRICS.flatMap((metric) => latencyCells(source.ranked(metric, tags))),
    ...(tags['step'] === undefined ? thresholdCells(result) : [null, null, null, null]),
    ...own.flatMap((metric) => ownCells(source, metric, tags)),
  ]);
}

function axisCell(value: Result['axes'][string] | undefined): CsvValue {
  return typeof value === 'boolean' ? String(value) : value;
}

function counts(result: Result, source: MetricSource, tags: Tags): CsvValue[] {
  const ended = (outcome: string): number => source.counter('operations', { ...tags, outcome });
  const { part, whole } = source.share('error_rate', tags);
  const isWhole = tags['step'] === undefined;
  const okInWindow = source.counter('ok_in_window', tags);
  return [
    source.counter('attempted', tags),
    ended('ok'),
    ended('failed'),
    // Arrivals that were never sent belong to no step.
    isWhole ? source.counter('unsent') : null,
    whole === 0 ? null : part / whole,
    isWhole ? result.throughput.operationsPerSecond : okInWindow / source.durationSeconds,
  ];
}

function latencyCells(ranked: RankedLatency): CsvValue[] {
  const { answered, neverAnswered, total } = ranked;
  const percentiles = PERCENTS_SHOWN.map((percent) => ranked.percentile(percent));
  return [
    ...percentiles.map((found) => (found.kind === 'value' ? milliseconds(found.value) : null)),
    answered.count === 0 ? null : milliseconds(answered.max),
    total === 0 ? null : neverAnswered / total,
  ];
}

function thresholdCells({ thresholds }: Result): CsvValue[] {
  const ended = (status: string): number =>
    thresholds.filter((each) => each.status === status).length;
  const words = thresholds.filter(({ status }) => status !== 'passed').map(notPassedWords);
  return [ended('passed'), ended('failed'), ended('undecided'), words.join('; ')];
}

/** To the nanosecond, without the noise of a division. */
function milliseconds(ns: number): number {
  return Math.round(ns) / 1e6;
}

function shown(value: CsvValue): CsvValue {
  return typeof value === 'string' ? printable(value) : value;
}
