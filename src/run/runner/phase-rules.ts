import { modelOf } from '../../load/executors/registry.ts';
import type { LoadModel } from '../../load/executors/load-model.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import type { PhaseRules } from './phase-keeper.ts';

/** When the phases of a trial end, as its load says. */
export function phaseRulesOf(trial: ResolvedTrial): PhaseRules {
  const loads = trial.flows.map(({ load }) => load);
  const longestNs = Math.max(...loads.map((load) => durationNsOf(modelOf(load))));
  const warmup = loads.find((load) => load.warmup !== undefined)?.warmup;
  return {
    warmup,
    measureNs: Number.isFinite(longestNs) ? longestNs : undefined,
    gracefulStopNs: Math.max(...loads.map((load) => load.gracefulStopNs)),
  };
}

function durationNsOf(model: LoadModel): number {
  return model.kind === 'open' ? model.curve.durationNs : model.durationNs;
}
