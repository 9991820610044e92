import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { systemClock } from '../../base/time/clock.ts';
import type { MetricStore, SeriesRecord } from '../../measure/metrics/metric-store.ts';
import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import { evaluateThresholds } from '../../measure/thresholds/evaluate-thresholds.ts';
import type { ThresholdSpec } from '../../measure/thresholds/threshold-spec.ts';
import type { Result } from '../schema/result.ts';
import type { MergedShard } from '../schema/shard.ts';
import { trialFactsSchema, type TrialFacts } from '../schema/trial-facts.ts';
import type { TrialOutcome } from '../trial-outcome.ts';
import { cannotMerge } from './cannot-merge.ts';
import { checkShards } from './check-shards.ts';
import { judgeShards, shardRemarks } from './judge-shards.ts';
import { mergeRows } from './merge-rows.ts';
import {
  emptied,
  mergedExitCode,
  MergedGauges,
  mergedNotes,
  mergedReasons,
  mergedStore,
  mergedVerdict,
} from './merged-outcome.ts';
import { MergedFolder, type MergedPlace } from './merged-folder.ts';
import { MergedTimes } from './merged-times.ts';
import { readShards, type ReadShard } from './read-shards.ts';
import { accountOfRecords, settleShard, type SettledShard } from './settle-shard.ts';

/** T0 of shards may differ by more where a warm-up is counted. */
const SPREAD_TOLD_MS = 100;

export interface Merged {
  readonly runId: string;
  /** Of the run; the trial's is inside it. */
  readonly folder: string;
  readonly trialFolder: string;
  readonly result: Result;
}

/**
 * Makes one result of the shards in `folders`, in whatever order they are named: counts and
 * histograms are added up, rows by the time since T0, thresholds are judged again. Throws
 * MERGE_NOT_POSSIBLE where they do not belong together.
 */
export async function mergeShards(
  folders: readonly string[],
  place: MergedPlace,
): Promise<Merged> {
  const shards = await readShards(folders);
  checkShards(shards);
  const reference = referenceOf(shards);
  const { result } = reference;
  const heads = result.series as readonly SeriesRecord[];
  const declarations = result.metrics as readonly MetricDeclaration[];
  const settled = settleAll(shards, heads.map(emptied));
  const judged = judgeShards(shards, (index) => settled[index - 1]!.unsent);
  const times = new MergedTimes(shards, reference);
  const folder = new MergedFolder(place, result.scenario, times.startedMs);
  const facts = mergedFacts(shards, reference, judged, folder);
  const writer = folder.openTrial(facts, reference, times.clock(systemClock));
  try {
    const gauges = new MergedGauges();
    const phaseStartNs = times.phaseStartNs.bind(times);
    for await (const row of mergeRows({ shards, heads, declarations, phaseStartNs })) {
      gauges.add(row.metrics.toRecords());
      writer.interval(row);
    }
    const metrics = mergedStore({
      ...{ heads, declarations, gauges, records: settled.map(({ records }) => records) },
      durationSeconds: Math.max(...shards.map((shard) => shard.result.durationSeconds)),
    });
    const outcome = outcomeOf({ shards, judged, metrics, times, axes: facts.axes });
    const merged = writer.finish(outcome);
    folder.close(merged.state, outcome.exitCode, times.endedMs);
    const { runId, folder: runFolder } = folder;
    return { runId, folder: runFolder, trialFolder: writer.folder, result: merged };
  } catch (thrown) {
    const { exitCode } = LoadgenError.from(thrown);
    writer.abandon(exitCode);
    folder.close('incomplete', exitCode, times.endedMs);
    throw thrown;
  }
}

/** One that came to its end, if any did: it says best what was measured. */
function referenceOf(shards: readonly ReadShard[]): ReadShard {
  const known = shards.filter(({ result }) => result.series.length > 0);
  const reference = known.find(({ result }) => result.state === 'complete') ?? known[0];
  if (reference === undefined) throw cannotMerge('no shard came to its first second');
  return reference;
}

/** Every shard of the run by its index: those that are missing have counted nothing. */
function settleAll(shards: readonly ReadShard[], nothing: readonly SeriesRecord[]): SettledShard[] {
  const { facts } = shards[0]!;
  return Array.from({ length: facts.count }, (_, position) => {
    const index = position + 1;
    const shard = shards.find((one) => one.index === index);
    if (shard === undefined) return settleShard(nothing, { ...facts, index }, 'worker_lost');
    const { series, state } = shard.result;
    const records = series.length === 0 ? nothing : (series as readonly SeriesRecord[]);
    return settleShard(records, shard.facts, state === 'interrupted' ? 'stopped' : 'worker_lost');
  });
}

function mergedFacts(
  shards: readonly ReadShard[],
  reference: ReadShard,
  judged: readonly MergedShard[],
  folder: MergedFolder,
): TrialFacts {
  const { shard: _, clock: __, samples: ___, ...facts } = trialFactsSchema.parse(reference.result);
  return {
    ...facts,
    runId: folder.runId,
    trialId: folder.newTrialId(),
    workers: shards.reduce((sum, { result }) => sum + result.workers, 0),
    shards: [...judged],
  };
}

function outcomeOf(parts: {
  readonly shards: readonly ReadShard[];
  readonly judged: readonly MergedShard[];
  readonly metrics: MetricStore;
  readonly times: MergedTimes;
  readonly axes: TrialFacts['axes'];
}): TrialOutcome {
  const { shards, judged, metrics, times, axes } = parts;
  const { thresholds: specs, planned } = shards[0]!.facts;
  const remarks = shardRemarks(judged, planned);
  const thresholds = evaluateThresholds(specs as readonly ThresholdSpec[], metrics, { axes });
  const verdict = mergedVerdict(shards, remarks);
  const records = metrics.toRecords();
  const hasWarmup = shards.some(({ result }) => result.accounts.warmup !== null);
  return {
    state: remarks.length === 0 ? 'complete' : 'incomplete',
    exitCode: mergedExitCode(thresholds, verdict),
    phases: times.phases(),
    metrics,
    accounts: {
      measure: accountOfRecords(records, 'measure'),
      ...(hasWarmup && { warmup: accountOfRecords(records, 'warmup') }),
    },
    thresholds,
    failureReasons: mergedReasons(shards),
    verdict,
    notes: [...spreadNotes(shards), ...mergedNotes(shards)],
  };
}

function spreadNotes(shards: readonly ReadShard[]): string[] {
  const starts = shards.flatMap(({ result }) =>
    result.phases.filter(({ phase }) => phase === 'measure').map((one) => Date.parse(one.startedAt)),
  );
  const spreadMs = Math.max(...starts) - Math.min(...starts);
  if (starts.length < 2 || spreadMs <= SPREAD_TOLD_MS) return [];
  return [`T0 of the shards lies within ${spreadMs} ms; their seconds are added up from T0 on`];
}
