import type { MetricStore, SeriesRecord } from '../measure/metrics/metric-store.ts';
import type { MetricSource } from '../measure/metrics/metric-source.ts';
import type { MeasuredStage } from '../measure/thresholds/stage-sums.ts';
import type { ResultPreparation } from './schema/preparation.ts';
import type { ResultStage } from './schema/result.ts';
import type { PreparationOutcome } from './trial-outcome.ts';

/** A preparation as results keep it. */
export function preparationRecord(
  { metrics, failure, settingsKept, startNs, endNs, ...rest }: PreparationOutcome,
  context: {
    /** Metrics that are declared elsewhere in the same document. */
    readonly known: MetricSource['declarations'];
    readonly timestampOf: (clockNs: number) => string;
  },
): ResultPreparation {
  const { phase, trial, steps, account, failureReasons } = rest;
  const { known, timestampOf } = context;
  return {
    phase,
    trial,
    steps: [...steps],
    startedAt: timestampOf(startNs),
    startNs: Math.round(startNs),
    endNs: Math.round(endNs),
    durationSeconds: metrics.durationSeconds,
    account,
    failure: failure?.message ?? null,
    failureReasons,
    ...(settingsKept.length > 0 && { settingsKept }),
    metrics: [...metrics.declarations.values()].filter(({ name }) => !known.has(name)),
    series: recordedSeries(metrics.asPhase(phase)),
  };
}

/** A named stage as results keep it. */
export function stageRecord({ metrics, name, flow, fromNs, toNs }: MeasuredStage): ResultStage {
  const { durationSeconds } = metrics;
  return { name, flow, fromNs, toNs, durationSeconds, series: recordedSeries(metrics) };
}

function recordedSeries(metrics: MetricStore): ResultStage['series'] {
  return metrics.toRecords().filter(hasRecorded) as ResultStage['series'];
}

function hasRecorded({ value = 0, gauge, histogram }: SeriesRecord): boolean {
  return value > 0 || (gauge?.max ?? 0) > 0 || (histogram?.count ?? 0) > 0;
}
