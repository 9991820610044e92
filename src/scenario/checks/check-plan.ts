import type { Load } from '../../load/executors/load-schema.ts';
import { modelOf, type PhaseLoad } from '../../load/executors/registry.ts';
import type { TrialTree } from '../trial-tree.ts';

/** Arrivals of a phase are computed one by one before it starts: a billion takes minutes. */
export const MAX_PLANNED_ARRIVALS = 1e9;

/** Refuses a plan that could not be computed in reasonable time. */
export function checkPlan(tree: TrialTree, load: Load): void {
  checkPhase(tree, load, ['load']);
  if (load.warmup !== undefined) checkPhase(tree, load.warmup.load, ['load', 'warmup']);
}

function checkPhase(tree: TrialTree, load: PhaseLoad, path: readonly string[]): void {
  const model = modelOf(load);
  if (model.kind === 'closed') return;
  const arrivals = Math.min(model.iterations ?? Infinity, model.curve.totalArea);
  if (arrivals <= MAX_PLANNED_ARRIVALS) return;
  const message = `a plan of ${arrivals.toExponential(1)} arrivals; the limit is ${MAX_PLANNED_ARRIVALS}`;
  tree.add({ path, message, hint: 'Lower the rate or the duration.' });
}
