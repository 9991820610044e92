import type { FeederSpec } from '../../../data/feeder-schema.ts';
import { flowReads, rootsAmong } from '../../../iteration/check-step.ts';
import { surroundingPhaseOf } from '../../../measure/thresholds/surrounding-phases.ts';
import type { ResolvedFlow, ResolvedTarget, ResolvedTrial } from '../../../scenario/resolved.ts';

/** What of a trial some of its flows use. */
export interface FlowNeeds {
  readonly targets: Readonly<Record<string, ResolvedTarget>>;
  readonly data: Readonly<Record<string, FeederSpec>>;
  readonly params: ResolvedTrial['params'];
}

export function needsOf(trial: ResolvedTrial, flows: readonly ResolvedFlow[]): FlowNeeds {
  const used = new Set(flows.flatMap(({ steps }) => steps.map(({ target }) => target)));
  const reads = new Set(flows.flatMap((flow) => [...flowReads(flow)]));
  const read = withTheirOwn(trial.data, rootsAmong(reads, Object.keys(trial.data)));
  return {
    targets: filtered(trial.targets, (name) => used.has(name)),
    data: filtered(trial.data, (name) => read.has(name)),
    params: filtered(trial.params, (name) => reads.has('params') || reads.has(`params.${name}`)),
  };
}

/**
 * All that what is prepared hangs on, as one text: trials of equal content share it. The labels of
 * targets say something of results only. A scenario that only cleans up does so for each content
 * of `cleanUp`.
 */
export function preparationContent(trial: ResolvedTrial): string {
  const { prepare = [], cleanUp = [] } = trial;
  const flows = prepare.length > 0 ? prepare : cleanUp;
  const { targets, data, params } = needsOf(trial, flows);
  const addressed = Object.values(targets).map(({ labels: _, ...target }) => target);
  return JSON.stringify({ flows, targets: addressed, data, params });
}

/** The load of a trial alone, with the thresholds on it. */
export function withoutPreparation(trial: ResolvedTrial): ResolvedTrial {
  const { prepare: _, cleanUp: __, ...rest } = trial;
  const thresholds = trial.thresholds.filter((spec) => surroundingPhaseOf(spec) === undefined);
  return { ...rest, thresholds };
}

/** A feeder may name others in its own keys. */
function withTheirOwn(data: ResolvedTrial['data'], names: readonly string[]): Set<string> {
  const all = new Set(names);
  for (const name of all) {
    const words = new Set(JSON.stringify(data[name]).split(/[^a-zA-Z0-9_]+/));
    for (const other of Object.keys(data)) if (words.has(other)) all.add(other);
  }
  return all;
}

function filtered<Value>(
  all: Readonly<Record<string, Value>>,
  isKept: (name: string) => boolean,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => isKept(name)));
}
