import { randomStream, randomUint32 } from '../../base/random/counter-random.ts';
import { ONCE_LOAD, stepLoadSchema, type Load } from '../../load/executors/load-schema.ts';
import type { SurroundingPhase } from '../../measure/metrics/outcome.ts';
import type { ResolvedFlow } from '../resolved.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';
import { checkPlan } from './check-plan.ts';
import { limitByRows } from './check-rows.ts';
import type { TrialData } from './resolve-data.ts';
import { resolveStepsAt, type StepsContext, type TrialSteps } from './resolve-steps.ts';
import { itemPaths } from './step-list-reader.ts';

/** The lists of steps around the load, by the phase in which they run. */
export const PREPARATION_KEYS = { prepare: 'prepare', cleanup: 'cleanUp' } as const;

/** One part of a list: steps that follow one another once, or one step with a load of its own. */
export interface PreparationPart {
  readonly phase: SurroundingPhase;
  readonly steps: TrialSteps;
  /** Undefined where it is not right. */
  readonly load: Load | undefined;
  /** Where the load stands, or would. */
  readonly path: Path;
}

/** `prepare` or `cleanUp`, cut where a step has a load of its own. */
export function resolvePreparation(
  tree: TrialTree,
  phase: SurroundingPhase,
  { data, ...context }: StepsContext & { readonly data: TrialData },
): PreparationPart[] {
  const path = [PREPARATION_KEYS[phase]];
  if (!tree.has(path)) return [];
  if (tree.length(path) === 0) {
    tree.add({ path, message: 'expected a list of steps' });
    return [];
  }
  const names = new Set<string>();
  return partsOf(tree, path).map(({ items, loadPath }): PreparationPart => {
    const known = { ...context, ...(loadPath && { moreKeys: ['load'] }) };
    const steps = resolveStepsAt(tree, known, { path, items, names });
    const written = loadPath === undefined ? ONCE_LOAD : tree.parse(stepLoadSchema, loadPath);
    const at = loadPath ?? items[0]!;
    const { plans, program, isComplete } = steps;
    const rows = { steps: plans, isComplete, ...(program && { program }), path: at, ...data };
    const load = written && limitByRows(tree, written, rows);
    if (load !== undefined) checkPlan(tree, load, at);
    return { phase, steps, load, path: at };
  });
}

/** The parts as a trial runs them; undefined where one is not right. */
export function preparationFlows(
  parts: readonly PreparationPart[],
  seed: number,
): ResolvedFlow[] | undefined {
  const flows = parts.flatMap(({ phase, steps, load }, index): ResolvedFlow[] => {
    if (load === undefined) return [];
    const { plans, program, thinkAfter } = steps;
    return [
      {
        name: phase,
        tags: {},
        steps: plans,
        ...(program && { program }),
        ...(thinkAfter.length > 0 && { thinkAfter }),
        load,
        seed: randomUint32(randomStream(seed, `${phase}/${index}`), 0),
      },
    ];
  });
  return flows.length === parts.length ? flows : undefined;
}

interface ListPart {
  readonly items: Path[];
  readonly loadPath: Path | undefined;
}

function partsOf(tree: TrialTree, path: Path): ListPart[] {
  const parts: ListPart[] = [];
  for (const item of itemPaths(tree, path)) {
    const loadPath = [...item, 'load'];
    const last = parts.at(-1);
    if (tree.has(loadPath)) parts.push({ items: [item], loadPath });
    else if (last !== undefined && last.loadPath === undefined) last.items.push(item);
    else parts.push({ items: [item], loadPath: undefined });
  }
  return parts;
}
