import { publicUrl, publicValues } from './redaction.ts';
import { resultFlows } from '../result-flows.ts';
import type { ResultTarget } from '../schema/result.ts';
import type { ShardFacts } from '../schema/shard.ts';
import type { TrialFacts } from '../schema/trial-facts.ts';
import type { ResolvedTarget, ResolvedTrial } from '../../scenario/resolved.ts';

/** What the runner adds to a resolved trial. */
export interface TrialOpening {
  /** With the URLs and labels of the servers that were started for it, once they are. */
  readonly trial: ResolvedTrial;
  readonly trialCount: number;
  readonly workers: number;
  readonly planHash: string | null;
  /** Names of the targets whose server this run started. */
  readonly startedServers: readonly string[];
  readonly shard?: ShardFacts;
  readonly startAskedAt?: string;
}

export function trialFacts(
  opening: TrialOpening,
  run: Pick<TrialFacts, 'runId' | 'trialId' | 'versions'>,
  redactedPaths: readonly string[],
): TrialFacts {
  const { trial, trialCount, workers, planHash, startedServers, shard, startAskedAt } = opening;
  const targets = Object.values(trial.targets);
  return {
    runId: run.runId,
    trialId: run.trialId,
    versions: run.versions,
    scenario: trial.scenario,
    trial: trial.trial,
    trialCount,
    ...(trial.repetition !== undefined && { repetition: trial.repetition }),
    axes: publicValues(trial.axes, (axis) => axis, redactedPaths),
    params: publicValues(trial.params, (name) => `params.${name}`, redactedPaths),
    tags: trial.tags,
    seed: trial.seed,
    planHash,
    workers,
    labels: mergedLabels(targets),
    targets: targets.map((target) =>
      resultTarget(target, {
        isStarted: startedServers.includes(target.name),
        isSecret: redactedPaths.includes(`targets.${target.name}.url`),
      }),
    ),
    flows: resultFlows(trial),
    metrics: [],
    ...(shard && { shard }),
    ...(startAskedAt !== undefined && { startAskedAt }),
  };
}

function resultTarget(
  target: ResolvedTarget,
  { isStarted, isSecret }: { readonly isStarted: boolean; readonly isSecret: boolean },
): ResultTarget {
  const { name, driver, url, server, connection, labels, options } = target;
  const { client } = options;
  return {
    name,
    driver,
    client: typeof client === 'string' ? client : 'raw',
    url: publicUrl(url, isSecret),
    server: isStarted && server !== undefined ? server : null,
    connection,
    labels,
  };
}

/** The first target that sets a label counts. */
function mergedLabels(targets: readonly ResolvedTarget[]): Record<string, string> {
  const pairs = targets.flatMap(({ labels }) => Object.entries(labels)).toReversed();
  return Object.fromEntries(pairs);
}
