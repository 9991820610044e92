import type { FeederSpec } from '../../data/feeder-schema.ts';
import { feedersRead } from '../../iteration/check-step.ts';
import type { StepPlan } from '../../iteration/step-schema.ts';
import type { Load } from '../../load/executors/load-schema.ts';
import { modelOf } from '../../load/executors/registry.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';

export interface FlowRows {
  readonly steps: readonly StepPlan[];
  /** Where the load of the flow stands. */
  readonly path: Path;
  readonly specs: Readonly<Record<string, FeederSpec>>;
  /** Iterations after which the rows of a feeder end, for those that are read once. */
  readonly iterations: Readonly<Record<string, number>>;
}

/**
 * The load as far as the rows go that its steps read once: it ends with them. A warm-up would use
 * rows up that are to be measured, and VUs that each hold one need enough of them.
 */
export function limitByRows(tree: TrialTree, load: Load, flow: FlowRows): Load {
  const once = Object.keys(flow.iterations);
  const read = [...new Set(flow.steps.flatMap((step) => feedersRead(step, once)))];
  if (read.length === 0) return load;
  if (load.warmup !== undefined) {
    const message = `a warm-up would use up rows of ${read[0]}, which are read once`;
    tree.add({ path: [...flow.path, 'warmup'], atKey: true, message });
  }
  const held = read.filter((name) => flow.specs[name]?.perVu === true);
  for (const name of held) checkHeld(tree, load, { name, rows: flow.iterations[name]!, flow });
  const limits = read.filter((name) => !held.includes(name)).map((name) => flow.iterations[name]!);
  if (limits.length === 0) return load;
  const rowLimit = Math.min(...limits);
  const asked = modelOf(load).iterations;
  if (asked !== undefined && asked > rowLimit) {
    const message = `asks for ${asked} iterations, and the rows of ${read.join(', ')} last for ${rowLimit}`;
    const hint = 'The load ends with the rows.';
    tree.add({ path: [...flow.path, 'iterations'], message, hint, severity: 'warning' });
  }
  return { ...load, rowLimit };
}

function checkHeld(
  tree: TrialTree,
  load: Load,
  { name, rows, flow }: { name: string; rows: number; flow: FlowRows },
): void {
  const model = modelOf(load);
  const places = model.kind === 'closed' ? model.vus : model.maxInFlight;
  if (places <= rows) return;
  const key = model.kind === 'closed' ? 'vus' : 'maxInFlight';
  const message = `each of ${places} needs a row of ${name} of its own, and there are ${rows}`;
  tree.add({ path: [...flow.path, key], message });
}
