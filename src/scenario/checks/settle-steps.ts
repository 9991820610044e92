import type { DriverDefinition } from '../../drivers/driver.ts';
import type { StepPlan } from '../../iteration/step-schema.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';
import type { TrialSteps } from './resolve-steps.ts';

/**
 * Lets each driver see the steps of its targets side by side, `prepare` first, and gives the lists
 * back as it wants them. One that is not right as a whole stays as it is: what it lacks may be what
 * another step hangs on.
 */
export function settleSteps(
  tree: TrialTree,
  lists: readonly TrialSteps[],
  drivers: ReadonlyMap<string, DriverDefinition>,
): (steps: TrialSteps) => TrialSteps {
  if (!lists.every(({ isComplete }) => isComplete)) return (steps) => steps;
  const placed = lists.flatMap(({ plans, paths }) =>
    plans.map((plan, index) => ({ plan, path: paths[index]! })),
  );
  const settled = new Map<StepPlan, StepPlan>();
  for (const [target, { settle }] of drivers) {
    const own = placed.filter(({ plan }) => plan.target === target);
    const specs = settle?.(own.map(({ plan: { verb, spec } }) => ({ verb, spec }))) ?? [];
    for (const [index, { spec, problems }] of specs.entries()) {
      const { plan, path } = own[index]!;
      settled.set(plan, { ...plan, spec });
      addProblems(tree, [...path, plan.verb], problems);
    }
  }
  return (steps) => ({ ...steps, plans: steps.plans.map((plan) => settled.get(plan) ?? plan) });
}

function addProblems(
  tree: TrialTree,
  at: Path,
  problems: readonly { readonly path: Path; readonly message: string }[],
): void {
  for (const { path, message } of problems) tree.add({ path: [...at, ...path], message });
}
