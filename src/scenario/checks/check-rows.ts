import type { FeederSpec } from '../../data/feeder-schema.ts';
import { flowReads, rootsAmong } from '../../iteration/check-step.ts';
import type { ProgramNode } from '../../iteration/program.ts';
import type { StepPlan } from '../../iteration/step-schema.ts';
import type { Load } from '../../load/executors/load-schema.ts';
import { ALL_ITERATIONS } from '../../load/executors/load-keys.ts';
import { modelOf } from '../../load/executors/registry.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';

export interface FlowRows {
  /** Those that are right. */
  readonly steps: readonly StepPlan[];
  /** Whether all of them are. */
  readonly isComplete: boolean;
  readonly program?: readonly ProgramNode[];
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
  const read = rootsAmong(flowReads(flow), once);
  if (read.length === 0) return withKnownEnd(tree, load, flow);
  if (load.warmup !== undefined) {
    const message = `a warm-up would use up rows of ${read[0]}, which are read once`;
    tree.add({ path: [...flow.path, 'warmup'], atKey: true, message });
  }
  const held = read.filter((name) => flow.specs[name]?.perVu === true);
  for (const name of held) checkHeld(tree, load, { name, rows: flow.iterations[name]!, flow });
  const limits = read.filter((name) => !held.includes(name)).map((name) => flow.iterations[name]!);
  if (limits.length === 0) return withKnownEnd(tree, load, flow);
  const rowLimit = Math.min(...limits);
  const numbers = rowsAsked(load);
  if (numbers !== undefined) return checkNumbers(tree, load, { numbers, rowLimit, read, flow });
  if (asksForAll(load)) return { ...load, iterations: rowLimit, rowLimit } as Load;
  const asked = modelOf(load).iterations;
  if (asked !== undefined && asked > rowLimit) {
    const message = `asks for ${asked} iterations, and the rows of ${read.join(', ')} last for ${rowLimit}`;
    const hint = 'The load ends with the rows.';
    tree.add({ path: [...flow.path, 'iterations'], message, hint, severity: 'warning' });
  }
  return { ...load, rowLimit };
}

/** `iterations: all` of a load whose steps read nothing that ends. */
function withKnownEnd(tree: TrialTree, load: Load, flow: FlowRows): Load {
  const { path, isComplete, specs, iterations } = flow;
  const isKnown = tree.keys(['data']).every((name) => {
    return specs[name] && (specs[name].pick !== 'once' || Object.hasOwn(iterations, name));
  });
  if (!asksForAll(load) || !isComplete || !isKnown) return load;
  const message = 'ends with the rows of a feeder that is read once, and no step reads one';
  const hint = 'Give a number, or a feeder with `pick: once`.';
  tree.add({ path: [...path, 'iterations'], message, hint });
  return load;
}

function asksForAll(load: Load): boolean {
  return 'iterations' in load && load.iterations === ALL_ITERATIONS;
}

/**
 * How many rows a load needs that says which iteration reads which: one of VUs with iterations of
 * their own, or a trace. Such a one cannot end with the rows, wherever they end.
 */
function rowsAsked(load: Load): number | undefined {
  const model = modelOf(load);
  if (model.kind === 'open') return model.curve.numbers && (model.curve.numbers.at(-1) ?? -1) + 1;
  return model.iterationsPerVu === undefined ? undefined : model.iterations;
}

function checkNumbers(
  tree: TrialTree,
  load: Load,
  rows: { numbers: number; rowLimit: number; read: readonly string[]; flow: FlowRows },
): Load {
  const { numbers, rowLimit, read, flow } = rows;
  if (numbers <= rowLimit) return load;
  const message = `each iteration has a row of its own, the last one row ${numbers}, and the rows of ${read.join(', ')} last for ${rowLimit}`;
  const hint = 'Give it more rows, or `pick: sequential`.';
  const key = load.executor === 'arrival-trace' ? 'trace' : 'iterations';
  tree.add({ path: [...flow.path, key], message, hint });
  return load;
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
