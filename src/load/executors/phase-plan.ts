import { randomStream } from '../../base/random/counter-random.ts';
import { PHASES } from '../../measure/metrics/outcome.ts';
import { Plan } from '../pacing/plan.ts';
import type { OpenModel } from './load-model.ts';

/** Whose arrivals: they are a function of these and of the model alone. */
export interface PlanOwner {
  readonly seed: number;
  readonly flowName: string;
  readonly phase: number;
}

/** The arrivals that a load asks for. */
export function plannedArrivals(model: OpenModel, owner: PlanOwner): Plan {
  const { curve, arrival, iterations } = model;
  return new Plan({ curve, arrival, stream: streamOf(owner), limit: iterations });
}

/** How many those are; undefined for a plan that goes on until another flow ends. */
export function countArrivals(model: OpenModel, owner: PlanOwner): number | undefined {
  return isEndless(model) ? undefined : plannedArrivals(model, owner).count();
}

/** A plan without a length: its arrivals are known one by one, and never all. */
export function isEndless({ curve, iterations }: OpenModel): boolean {
  return iterations === undefined && curve.durationNs === Infinity;
}

/** The same arrivals, going on at the last rate: a warm-up lasts until T0, whenever that comes. */
export function heldArrivals(model: OpenModel, owner: PlanOwner): Plan {
  const { curve, arrival } = model;
  return new Plan({ curve: curve.held(), arrival, stream: streamOf(owner) });
}

function streamOf({ seed, flowName, phase }: PlanOwner): ReturnType<typeof randomStream> {
  return randomStream(seed, `arrivals/${flowName}/${PHASES[phase]}`);
}
