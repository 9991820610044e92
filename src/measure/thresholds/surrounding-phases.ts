import { SURROUNDING_PHASES, type SurroundingPhase } from '../metrics/outcome.ts';
import type { ThresholdSpec } from './threshold-spec.ts';

/** The phase that a threshold judges, where that is not a part of the load. */
export function surroundingPhaseOf({ tags }: ThresholdSpec): SurroundingPhase | undefined {
  return SURROUNDING_PHASES.find((phase) => phase === tags['phase']);
}

/** The same threshold for what was recorded in that phase alone. */
export function withoutPhase(spec: ThresholdSpec): ThresholdSpec {
  const { phase: _, ...tags } = spec.tags;
  return { ...spec, tags };
}
