import type { FeederSpec } from '../../../data/feeder-schema.ts';
import { flowReads, rootsAmong } from '../../../iteration/check-step.ts';
import { surroundingPhaseOf } from '../../../measure/thresholds/judged-apart.ts';
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
  const feeders = withTheirOwn(trial.data, rootsAmong(reads, Object.keys(trial.data)));
  const data = filtered(trial.data, (name) => feeders.has(name));
  return {
    targets: filtered(trial.targets, (name) => used.has(name)),
    data,
    params: filtered(trial.params, paramsIn(JSON.stringify({ flows, data }))),
  };
}

/** Which params expressions in a text name: those that were not put in as constants. */
function paramsIn(text: string): (name: string) => boolean {
  const named = new Set([...text.matchAll(/\bparams\s*\.\s*(\w+)/g)].map(([, name]) => name!));
  const isComputed = /\bparams\s*(\[|\}\})/.test(text);
  return (name) => isComputed || named.has(name);
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
  const addressed = Object.values(targets).map((target) => ({ ...target, labels: {} }));
  return JSON.stringify({ flows, targets: addressed, data, params });
}

/** The load of a trial alone, with the thresholds on it. */
export function withoutPreparation(trial: ResolvedTrial): ResolvedTrial {
  const { prepare: _, cleanUp: __, ...rest } = trial;
  const thresholds = trial.thresholds.filter((spec) => surroundingPhaseOf(spec) === undefined);
  return { ...rest, thresholds };
}

/** A feeder may name others in its own keys: whatever stands there as a word. */
function withTheirOwn(data: ResolvedTrial['data'], names: readonly string[]): Set<string> {
  const feeders = new Set(names);
  for (const name of feeders) {
    for (const word of JSON.stringify(data[name]).split(/[^a-zA-Z0-9_]+/)) {
      if (Object.hasOwn(data, word)) feeders.add(word);
    }
  }
  return feeders;
}

function filtered<Value>(
  all: Readonly<Record<string, Value>>,
  isKept: (name: string) => boolean,
): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => isKept(name)));
}
