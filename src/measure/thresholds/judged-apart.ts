import { SURROUNDING_PHASES, type SurroundingPhase } from '../metrics/outcome.ts';
import { tagsWithout } from '../metrics/series-key.ts';
import type { ThresholdSpec } from './threshold-spec.ts';

/** The phase that a threshold judges, where that is not a part of the load. */
export function surroundingPhaseOf({ tags }: ThresholdSpec): SurroundingPhase | undefined {
  return SURROUNDING_PHASES.find((phase) => phase === tags['phase']);
}

/** Whether it judges a part of the trial by what was recorded in that part alone. */
export function isJudgedApart(spec: ThresholdSpec): boolean {
  return surroundingPhaseOf(spec) !== undefined || spec.tags['stage'] !== undefined;
}

/** The same threshold for what was recorded in its part alone. */
export function withinItsPart(spec: ThresholdSpec): ThresholdSpec {
  const names = surroundingPhaseOf(spec) === undefined ? ['stage'] : ['phase'];
  return { ...spec, tags: tagsWithout(spec.tags, ...names) };
}
