import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { LoadModel } from '../../load/executors/load-model.ts';
import { modelOf } from '../../load/executors/registry.ts';
import type { Share } from '../../load/pacing/share.ts';
import type { ResolvedScenario, ResolvedTrial } from '../../scenario/resolved.ts';

/**
 * Refuses what several shards cannot do together without talking: throws SHARD_NOT_POSSIBLE. A
 * shard that carries everything is an ordinary run.
 */
export function checkShard(scenario: ResolvedScenario, shard: Share, workers: number): void {
  if (shard.count === 1) return;
  const { trials } = scenario;
  if (trials.length > 1) {
    const reason = `the scenario has ${trials.length} trials, and shards carry the plan of one`;
    refuse(shard, reason, 'Fix the swept values with --set PATH=VALUE');
  }
  for (const trial of trials) {
    refuseServers(trial, shard);
    refuseThinLoad(trial, shard, workers);
  }
}

function refuseServers({ targets }: ResolvedTrial, shard: Share): void {
  const own = Object.values(targets).find(({ url }) => url === '');
  if (own === undefined) return;
  const reason = `the target "${own.name}" has no url, and a shard starts no server of its own`;
  refuse(shard, reason, `Start "${own.server}" once and name it with --target ${own.name}=URL`);
}

/** A shard without a place could not do its iterations, and nobody else would. */
function refuseThinLoad({ flows }: ResolvedTrial, shard: Share, workers: number): void {
  for (const { name, load } of flows) {
    const models = [modelOf(load), ...(load.warmup ? [modelOf(load.warmup.load)] : [])];
    for (const model of models) {
      const { key, places, needed } = placesOf(model, shard.count, workers);
      if (places >= needed) continue;
      const reason = `the flow "${name}" has ${key} ${places}, and ${needed} are needed for all shards`;
      refuse(shard, reason, `Raise ${key}, or use fewer shards or --workers`);
    }
  }
}

function placesOf(model: LoadModel, shards: number, workers: number) {
  if (model.kind === 'closed') return { key: 'vus', places: model.vus, needed: shards };
  return { key: 'maxInFlight', places: model.maxInFlight, needed: shards * workers };
}

function refuse(shard: Share, reason: string, remedy: string): never {
  const place = `${shard.index + 1}/${shard.count}`;
  throw new LoadgenError('SHARD_NOT_POSSIBLE', { shard: place, reason, remedy });
}
