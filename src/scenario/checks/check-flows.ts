import type { Load } from '../../load/executors/load-schema.ts';
import { modelOf } from '../../load/executors/registry.ts';
import { nearestHint } from '../nearest.ts';
import { shown } from '../schema/issue-text.ts';
import { nameSchema } from '../schema/names.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';

/** The only flow of a scenario that has `steps` and `load` at its top. */
export const MAIN_FLOW = 'main';
/** Each has a loop, a pacer and sessions of its own in every worker. */
const MAX_FLOWS = 32;

/** A flow, and where it stands: what it is made of is below `path`. */
export interface FlowPlace {
  readonly name: string;
  readonly path: Path;
}

/** The flows of a trial; one where `steps` and `load` stand at the top. */
export function flowPlaces(tree: TrialTree): readonly FlowPlace[] {
  const path = ['flows'];
  if (!tree.has(path)) return [{ name: MAIN_FLOW, path: [] }];
  const names = tree.keys(path);
  if (!tree.isMap(path) || names.length === 0) {
    tree.add({ path, message: 'expected a map of flows, each with `steps` and `load`' });
  }
  if (names.length > MAX_FLOWS) tree.add({ path, message: `at most ${MAX_FLOWS} flows` });
  for (const key of ['steps', 'load']) {
    if (!tree.has([key])) continue;
    const message = 'stands in each of the flows, where there are `flows`';
    tree.add({ path: [key], atKey: true, message });
  }
  for (const name of names) {
    const at = [...path, name];
    tree.checkName(nameSchema, at);
    if (!tree.isMap(at)) tree.add({ path: at, message: 'expected a map with `steps` and `load`' });
    const known = ['steps', 'load', 'tags'];
    for (const key of tree.keys(at).filter((each) => !known.includes(each))) {
      const hint = nearestHint(key, known)!;
      tree.add({ path: [...at, key], atKey: true, message: 'unknown key', hint });
    }
  }
  return names
    .filter((name) => tree.isMap([...path, name]))
    .map((name) => ({ name, path: [...path, name] }));
}

export interface FlowLoad extends FlowPlace {
  readonly load: Load | undefined;
}

/**
 * What flows say of each other: that they are there, do not wait for themselves, and have an end.
 * A plan that ends with another flow is as long as that one, or without a length where that is
 * not known before.
 */
export function linkFlows(tree: TrialTree, flows: readonly FlowLoad[]): ReadonlyMap<string, Load> {
  const loads = new Map<string, Load>();
  for (const { name, load } of flows) if (load !== undefined) loads.set(name, load);
  for (const flow of flows) {
    for (const key of ['startAfter', 'endWith'] as const)
      checkLink(tree, { flow, key, flows, loads });
  }
  checkWarmups(tree, flows);
  checkMinima(tree, flows);
  for (const flow of flows) {
    const load = loads.get(flow.name);
    if (load !== undefined) loads.set(flow.name, withPlannedEnd(tree, { ...flow, load }, loads));
  }
  return loads;
}

function linkOf(load: Load | undefined, key: 'startAfter' | 'endWith'): string | undefined {
  if (key === 'endWith') return load?.endWith;
  const after = load?.startAfter;
  return after !== undefined && 'flow' in after ? after.flow : undefined;
}

function checkLink(
  tree: TrialTree,
  link: {
    readonly flow: FlowLoad;
    readonly key: 'startAfter' | 'endWith';
    readonly flows: readonly FlowLoad[];
    readonly loads: ReadonlyMap<string, Load>;
  },
): void {
  const { flow, key, flows, loads } = link;
  const other = linkOf(flow.load, key);
  if (other === undefined) return;
  const path = [...flow.path, 'load', key];
  const names = flows.map(({ name }) => name);
  if (!names.includes(other)) {
    const hint = nearestHint(other, names);
    const message = `there is no flow called ${shown(other)}`;
    tree.add({ path, message, ...(hint !== undefined && { hint }) });
    return;
  }
  const chain = [flow.name];
  let next: string | undefined = other;
  while (next !== undefined && !chain.includes(next)) {
    chain.push(next);
    const load = loads.get(next);
    next = linkOf(load, 'startAfter') ?? linkOf(load, 'endWith');
  }
  if (next === undefined) return;
  const circle = [...chain, next].join(' → ');
  tree.add({ path, message: `flows wait for each other in a circle: ${circle}` });
}

/** T0 is one instant for all flows. */
function checkWarmups(tree: TrialTree, flows: readonly FlowLoad[]): void {
  const warm = flows.filter(({ load }) => load?.warmup !== undefined);
  const ends = warm.map(({ load }) => load!.warmup!.durationNs);
  if (warm.length < 2 || (ends[0] !== undefined && ends.every((end) => end === ends[0]))) return;
  const message = `the warm-ups of ${warm.map(({ name }) => name).join(', ')} have to end together: give each the same duration`;
  tree.add({ path: [...warm[1]!.path, 'load', 'warmup'], message });
}

/** Minima end the trial by what was measured of all of it: that says nothing of one flow. */
function checkMinima(tree: TrialTree, flows: readonly FlowLoad[]): void {
  if (flows.length < 2) return;
  for (const { load, path } of flows) {
    const model = load && modelOf(load);
    if (model?.minima === undefined) continue;
    const message = 'two minima end a scenario of one flow only';
    const hint = 'Give this one a duration.';
    tree.add({ path: [...path, 'load', 'minDuration'], atKey: true, message, hint });
  }
}

/** How long after T0 a flow ends, where that is known. */
function endNsOf(name: string, loads: ReadonlyMap<string, Load>, depth = 0): number {
  const load = loads.get(name);
  if (load === undefined || depth > loads.size) return Infinity;
  const { startAfter, endWith } = load;
  if (endWith !== undefined) return endNsOf(endWith, loads, depth + 1);
  if (startAfter !== undefined && 'flow' in startAfter) return Infinity;
  const model = modelOf(load);
  const own = model.kind === 'closed' ? model.durationNs : model.curve.durationNs;
  return own + (startAfter?.ns ?? 0);
}

/** Of an open load whose only end is that of another flow. */
function withPlannedEnd(
  tree: TrialTree,
  flow: FlowPlace & { readonly load: Load },
  loads: ReadonlyMap<string, Load>,
): Load {
  const { load, path } = flow;
  const model = modelOf(load);
  const hasEnd = model.kind === 'closed' || Number.isFinite(model.curve.durationNs);
  if (load.endWith === undefined || hasEnd || model.iterations !== undefined) return load;
  const startNs = load.startAfter !== undefined && 'ns' in load.startAfter ? load.startAfter.ns : 0;
  const lengthNs = endNsOf(load.endWith, loads) - startNs;
  if (lengthNs === Infinity || load.executor !== 'constant-arrival-rate') return load;
  if (lengthNs > 0) return { ...load, durationNs: lengthNs };
  const message = `${load.endWith} has ended before this flow begins`;
  tree.add({ path: [...path, 'load', 'endWith'], message });
  return load;
}
