import { countArrivals } from '../../load/executors/phase-plan.ts';
import { modelOf } from '../../load/executors/registry.ts';
import { arrivalShare } from '../../load/executors/slots-needed.ts';
import { shareOf, type Share } from '../../load/pacing/share.ts';
import type { RemainingPlan } from '../../measure/metrics/lost-worker.ts';
import { MEASURE } from '../../measure/metrics/outcome.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';

/**
 * The arrivals of the measured phase that a lost worker would still have started. A closed loop
 * has none: what its VUs would have done was never planned; nor has one that minima or another
 * flow end.
 */
export function remainingPlan(
  trial: ResolvedTrial,
  share: Share,
  dueOf: (phase: number, flow: number) => number,
): RemainingPlan[] {
  return trial.flows.flatMap(({ load, name, seed = trial.seed }, flow) => {
    const model = modelOf(load);
    if (model.kind === 'closed' || model.minima !== undefined) return [];
    const owner = { seed, flowName: name, phase: MEASURE };
    const own = arrivalShare(model.maxInFlight, share);
    const arrivals = countArrivals(model, owner);
    if (arrivals === undefined) return [];
    const planned = own === undefined ? 0 : shareOf(arrivals, own);
    const count = Math.max(0, planned - dueOf(MEASURE, flow));
    return [{ phase: MEASURE, flow, count }];
  });
}
