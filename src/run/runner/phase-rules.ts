import type { Load } from '../../load/executors/load-schema.ts';
import { modelOf } from '../../load/executors/registry.ts';
import type { LoadModel, Minima } from '../../load/executors/load-model.ts';
import { shareOf, type Share } from '../../load/pacing/share.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import type { PhaseRules } from './phase-keeper.ts';

/**
 * When the phases of a trial end, as its load says. A warm-up that is counted ends for each shard
 * alone, with its share of the count: shards do not talk, so that their T0 may differ; so does a
 * load that ends when minima hold, and its T1.
 */
export function phaseRulesOf(trial: ResolvedTrial, shard: Share): PhaseRules {
  const loads = trial.flows.map(({ load }) => load);
  const longestNs = Math.max(...loads.map(endNsOf));
  const warmup = loads.find((load) => load.warmup !== undefined)?.warmup;
  const minima = loads.map((load) => minimaOf(modelOf(load))).find((found) => found !== undefined);
  return {
    warmup: warmup && {
      ...(warmup.durationNs !== undefined && { durationNs: warmup.durationNs }),
      ...(warmup.iterations !== undefined && { iterations: shareOf(warmup.iterations, shard) }),
    },
    measureNs: Number.isFinite(longestNs) ? longestNs : undefined,
    ...(minima !== undefined && {
      minima: { ...minima, iterations: shareOf(minima.iterations, shard) },
    }),
    gracefulStopNs: Math.max(...loads.map((load) => load.gracefulStopNs)),
  };
}

/** When a load ends after T0, where that is known; one that ends with another adds nothing. */
function endNsOf(load: Load): number {
  const { startAfter, endWith } = load;
  if (endWith !== undefined) return 0;
  if (startAfter !== undefined && 'flow' in startAfter) return Infinity;
  return (startAfter?.ns ?? 0) + durationNsOf(modelOf(load));
}

/** Infinity for a plan that ends by count before its curve does. */
function durationNsOf(model: LoadModel): number {
  if (model.kind === 'closed') return model.durationNs;
  const { curve, iterations = Infinity } = model;
  return iterations <= curve.totalArea ? Infinity : curve.durationNs;
}

function minimaOf(model: LoadModel): Minima | undefined {
  return model.minima;
}
