import type { FeederSpec } from '../../data/feeder-schema.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { rootsAmong, stepReads } from '../../iteration/check-step.ts';
import type { StepPlan } from '../../iteration/step-schema.ts';
import type { TrialTree } from '../trial-tree.ts';

/**
 * Exact neighbours are found before anything is measured, among all rows of a feeder. Where a flow
 * is still writing them while answers are scored, an answer cannot have rows that are not there yet.
 */
export function checkTruths(
  tree: TrialTree,
  trial: {
    /** By target. */
    readonly drivers: ReadonlyMap<string, DriverDefinition>;
    readonly specs: Readonly<Record<string, FeederSpec>>;
    /** Of all flows, without what stands around them. */
    readonly steps: readonly StepPlan[];
  },
): void {
  const { drivers, specs, steps } = trial;
  const scored = new Set(steps.flatMap(({ score = [] }) => score.map((one) => one.reference)));
  for (const [name, { truth }] of Object.entries(specs)) {
    if (truth?.kind !== 'exact' || ![...scored].some((text) => text.includes(name))) continue;
    for (const step of steps) {
      if (drivers.get(step.target)?.verbs[step.verb]?.writes !== true) continue;
      const [written] = rootsAmong(stepReads(step), truth.over);
      if (written === undefined) continue;
      const message = `${step.name} writes rows of ${written} while answers are compared with all of them: what is not there yet counts as not found`;
      const path = ['data', name, 'truth', 'exactOver'];
      tree.add({ path, message, severity: 'warning' });
    }
  }
}
