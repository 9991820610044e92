import type { MetricSource } from '../measure/metrics/metric-source.ts';
import type { Statistics } from '../measure/statistics/assess-seconds.ts';
import { throughputPerSecond } from '../measure/metrics/throughput.ts';
import type { WorstAnswers } from '../measure/quality/score-tally.ts';
import type { ServerLooks } from '../measure/monitors/server-monitor.ts';
import { preparationRecord, stageRecord } from './part-records.ts';
import { generatorOf } from './schema/monitors.ts';
import { RESULT_SCHEMA, type Result } from './schema/result.ts';
import { seriesName } from './series-name.ts';
import type { TrialFacts } from './schema/trial-facts.ts';
import type { TrialOutcome } from './trial-outcome.ts';

/** The result of a trial: what was known before it, and what came of it. */
export function buildResult(
  facts: TrialFacts,
  outcome: TrialOutcome,
  timestampOf: (clockNs: number) => string,
): Result {
  const { metrics, accounts } = outcome;
  return {
    schema: RESULT_SCHEMA,
    state: outcome.state,
    exitCode: outcome.exitCode,
    ...facts,
    phases: outcome.phases.map(({ phase, startNs, endNs }) => ({
      phase,
      startedAt: timestampOf(startNs),
      startNs: Math.round(startNs),
      endNs: Math.round(endNs),
    })),
    durationSeconds: metrics.durationSeconds,
    throughput: {
      operationsPerSecond: throughput(facts, metrics),
      tailShare: outcome.tailShare ?? null,
    },
    ...(outcome.preparations !== undefined && {
      preparations: outcome.preparations.map((each) =>
        preparationRecord(each, { known: metrics.declarations, timestampOf }),
      ),
    }),
    ...(outcome.stages !== undefined && { stages: outcome.stages.map(stageRecord) }),
    accounts: { warmup: accounts.warmup ?? null, measure: accounts.measure },
    thresholds: outcome.thresholds.map(({ observed = null, reason = null, ...rest }) => {
      return { ...rest, observed, reason };
    }),
    ...(outcome.aborted !== undefined && { aborted: outcome.aborted }),
    ...(outcome.statistics !== undefined && { statistics: statisticsOf(outcome.statistics) }),
    failureReasons: [...outcome.failureReasons],
    ...(outcome.outputs !== undefined && { outputs: [...outcome.outputs] }),
    verdict: outcome.verdict ?? { state: 'NOT_JUDGED', reasons: [] },
    ...(outcome.generator !== undefined && { generator: generatorOf(outcome.generator) }),
    ...(outcome.ceiling !== undefined && { ceiling: outcome.ceiling }),
    ...((outcome.worstAnswers ?? []).length > 0 && {
      worstAnswers: worstAnswersOf(outcome.worstAnswers!),
    }),
    ...((outcome.answerDigests ?? []).length > 0 && {
      answerDigests: outcome.answerDigests!.map(({ tags, ...rest }) => ({ ...rest, tags: { ...tags } })),
    }),
    ...((outcome.serverLooks ?? []).length > 0 && {
      serverLooks: serverLooksOf(outcome.serverLooks!),
    }),
    ...((outcome.storage ?? []).length > 0 && { storage: [...outcome.storage!] }),
    notes: [...(outcome.notes ?? [])],
    series: metrics.toRecords() as Result['series'],
  };
}

function worstAnswersOf(worst: readonly WorstAnswers[]): NonNullable<Result['worstAnswers']> {
  return worst.map(({ metric, tags, answers }) => {
    return { metric, tags: { ...tags }, answers: [...answers] };
  });
}

function serverLooksOf(looks: readonly ServerLooks[]): NonNullable<Result['serverLooks']> {
  return looks.map(({ totals, ...rest }) => ({
    ...rest,
    totals: totals.map(({ metric, tags, before, after }) => {
      return { series: seriesName(metric, tags), before, after };
    }),
  }));
}

function statisticsOf({ intervals, ...rest }: Statistics): NonNullable<Result['statistics']> {
  return { ...rest, intervals: [...intervals] };
}

/**
 * Operations answered ok between T0 and T1, per second. Where time ends the load they may have
 * been intended in the warm-up, as others reach over T1; where a count does, the answers of the
 * warm-up are not part of the count.
 */
export function throughput(facts: Pick<TrialFacts, 'flows'>, metrics: MetricSource): number {
  const endsByCount = facts.flows.every(({ iterations }) => iterations !== null);
  if (!endsByCount) return throughputPerSecond(metrics);
  if (metrics.durationSeconds <= 0) return 0;
  return metrics.counter('ok_in_window', { phase: 'measure' }) / metrics.durationSeconds;
}
