import type { DriverDefinition, FileUse } from '../../drivers/driver.ts';
import type { StepPlan } from '../../iteration/step-schema.ts';
import type { ResolvedTarget } from '../resolved.ts';
import { shown } from '../schema/issue-text.ts';
import type { Path } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';
import { inspectFile } from './inspect-file.ts';

export interface UsesContext {
  /** By target. */
  readonly drivers: ReadonlyMap<string, DriverDefinition>;
  /** Those that are right. */
  readonly targets: Readonly<Record<string, ResolvedTarget>>;
  readonly steps: readonly { readonly plan: StepPlan; readonly path: Path }[];
  readonly baseFolder: string;
}

/** What drivers say of their targets as a whole, and the files that targets and steps name. */
export function checkUses(tree: TrialTree, context: UsesContext): void {
  const { drivers, targets, steps, baseFolder } = context;
  for (const [name, target] of Object.entries(targets)) {
    const driver = drivers.get(name);
    const at = ['targets', name];
    for (const { path, message } of driver?.checkTarget?.(target) ?? []) {
      tree.add({ path: [...at, ...path], message });
    }
    checkFiles(tree, at, driver?.targetFiles?.(target.options), baseFolder);
  }
  for (const { plan, path } of steps) {
    const { target, verb, spec } = plan;
    const files = drivers.get(target)?.verbs[verb]?.files?.(spec);
    checkFiles(tree, [...path, verb], files, baseFolder);
  }
}

function checkFiles(
  tree: TrialTree,
  at: Path,
  files: readonly FileUse[] = [],
  baseFolder: string,
): void {
  for (const { path, file } of files) {
    const found = inspectFile(file, { baseFolder });
    const place = [...at, ...path];
    if (found === 'missing') {
      tree.add({ path: place, message: `there is no file ${shown(tree.shownText(place))}` });
    } else if (typeof found === 'object') tree.add({ path: place, message: found.problem });
  }
}
