import type { Load } from '../../load/executors/load-schema.ts';
import { ALL_ITERATIONS } from '../../load/executors/load-keys.ts';
import { modelOf, type PhaseLoad } from '../../load/executors/registry.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';

/** Arrivals of a phase are computed one by one before it starts: a billion takes minutes. */
export const MAX_PLANNED_ARRIVALS = 1e9;

/** Refuses a plan that could not be computed in reasonable time. */
export function checkPlan(tree: TrialTree, load: Load, path: Path): void {
  checkPhase(tree, load, path);
  if (load.warmup !== undefined) checkPhase(tree, load.warmup.load, [...path, 'warmup']);
}

function checkPhase(tree: TrialTree, load: PhaseLoad, path: Path): void {
  const model = modelOf(load);
  if (model.kind === 'closed') return;
  const arrivals = Math.min(model.iterations ?? Infinity, model.curve.totalArea);
  // Without an end of its own it would end with another flow or with rows that are not known.
  if (arrivals <= MAX_PLANNED_ARRIVALS || arrivals >= ALL_ITERATIONS) return;
  const message = `a plan of ${arrivals.toExponential(1)} arrivals; the limit is ${MAX_PLANNED_ARRIVALS}`;
  tree.add({ path, message, hint: 'Lower the rate or the duration.' });
}
