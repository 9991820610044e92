import { z } from 'zod';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { checkStepExpressions } from '../../iteration/check-step.ts';
import { sloMetrics } from '../../iteration/goals.ts';
import { stepKeys, type StepPlan, toStepPlan } from '../../iteration/step-schema.ts';
import { nearestHint, nearestName } from '../nearest.ts';
import type { ResolvedTarget } from '../resolved.ts';
import { oneOf, shown } from '../schema/issue-text.ts';
import { isLaterKey, LATER_MESSAGE } from '../schema/later-words.ts';
import { BUILT_IN_TAGS } from '../schema/scenario-schema.ts';
import { type Path, textAt } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';

/** The keys of a step without its verb. */
export const commonStepSchema = z.strictObject(stepKeys);

export interface StepsContext {
  /** By target. */
  readonly drivers: ReadonlyMap<string, DriverDefinition>;
  readonly targets: Readonly<Record<string, ResolvedTarget>>;
  readonly params: readonly string[];
  /** Fields by feeder. */
  readonly feeders: Readonly<Record<string, readonly string[] | 'any'>>;
}

/** `steps`: each parsed by its common keys and by the verb of its target's driver. */
export function resolveSteps(tree: TrialTree, context: StepsContext): StepPlan[] {
  const path = ['steps'];
  const count = tree.length(path);
  if (!tree.has(path) || (count === 0 && tree.isList(path))) {
    const message = 'is missing; expected a list of steps, each with a name and a verb';
    tree.add({ path, message });
  } else if (!tree.isList(path)) tree.add({ path, message: 'expected a list of steps' });
  const names = new Set<string>();
  const extracts: Record<string, readonly string[]> = {};
  const plans: StepPlan[] = [];
  for (let index = 0; index < count; index++) {
    const reader = new StepReader(tree, ['steps', index], context);
    const plan = reader.read(names, extracts);
    if (plan !== undefined) plans.push(plan);
  }
  return plans;
}

class StepReader {
  readonly #tree: TrialTree;
  readonly #path: Path;
  readonly #context: StepsContext;

  constructor(tree: TrialTree, path: Path, context: StepsContext) {
    this.#tree = tree;
    this.#path = path;
    this.#context = context;
  }

  /** `names` and `extracts` are of the steps before this one, which is added to them. */
  read(names: Set<string>, extracts: Record<string, readonly string[]>): StepPlan | undefined {
    const tree = this.#tree;
    if (!tree.isMap(this.#path)) {
      tree.add({ path: this.#path, message: 'expected a map with a name and a verb' });
      return undefined;
    }
    const target = this.#target();
    const driver = target === undefined ? undefined : this.#context.drivers.get(target);
    const verb = this.#verb(driver);
    const keys = tree.parse(commonStepSchema, this.#path, this.#verbKeys(driver));
    const definition = verb === undefined ? undefined : driver?.verbs[verb];
    const spec = definition && tree.parse(definition.schema, [...this.#path, verb!]);
    const knownExtracts = { ...extracts };
    const name = this.#name(names);
    if (name !== undefined) extracts[name] = tree.keys([...this.#path, 'extract']);
    if (keys === undefined || driver === undefined || definition === undefined) return undefined;
    this.#checkSlo(Object.keys(keys.slo), driver);
    this.#checkTags(Object.keys(keys.tags));
    const { expect, extract, items } = keys;
    const expressions = {
      verb: verb!,
      spec,
      expect,
      extract,
      ...(items !== undefined && { items }),
    };
    this.#checkExpressions(expressions, definition.resultFields, knownExtracts);
    const plan = this.#context.targets[target!];
    if (spec === undefined || plan === undefined) return undefined;
    return toStepPlan(keys, {
      target: target!,
      driver: driver.name,
      verb: verb!,
      spec,
      timeoutMs: plan.timeoutMs,
    });
  }

  #target(): string | undefined {
    const path = [...this.#path, 'target'];
    const known = this.#tree.keys(['targets']);
    const named = textAt(this.#tree.root, path);
    if (this.#tree.has(path)) {
      if (named === undefined || known.includes(named)) return named;
      const hint = nearestHint(named, known);
      const message = `there is no target called ${shown(named)}`;
      this.#tree.add({ path, message, ...(hint !== undefined && { hint }) });
      return undefined;
    }
    if (known.length > 1) {
      this.#tree.add({ path, message: `is missing; expected one of ${oneOf(known)}` });
    }
    return known.length === 1 ? known[0] : undefined;
  }

  /** Keys that are no common ones: the verb, and slips, which are told from it here. */
  #verbKeys(driver: DriverDefinition | undefined): string[] {
    const others = this.#tree.keys(this.#path).filter((key) => !Object.hasOwn(stepKeys, key));
    return driver === undefined
      ? others
      : others.filter(
          (key) => Object.hasOwn(driver.verbs, key) || this.#isStrangeVerb(key, driver),
        );
  }

  /** Closer to a verb than to a common key: reported as an unknown verb. */
  #isStrangeVerb(key: string, driver: DriverDefinition): boolean {
    const verbs = Object.keys(driver.verbs);
    if (isLaterKey('steps.any', key)) return true;
    const nearest = nearestName(key, [...verbs, ...Object.keys(stepKeys)]);
    return nearest !== undefined && verbs.includes(nearest);
  }

  #verb(driver: DriverDefinition | undefined): string | undefined {
    if (driver === undefined) return undefined;
    const keys = this.#verbKeys(driver);
    const verbs = Object.keys(driver.verbs);
    const own = keys.filter((key) => Object.hasOwn(driver.verbs, key));
    for (const key of keys.filter((other) => !own.includes(other))) {
      const path = [...this.#path, key];
      if (isLaterKey('steps.any', key)) {
        this.#tree.add({ path, atKey: true, message: LATER_MESSAGE });
      } else {
        const message = `is no verb of the ${driver.name} driver`;
        this.#tree.add({ path, atKey: true, message, hint: nearestHint(key, verbs)! });
      }
    }
    const [verb, second] = own;
    if (second !== undefined) {
      const message = `a step has one verb, and this one has ${oneOf(own).replace(' or ', ' and ')}`;
      this.#tree.add({ path: [...this.#path, second], atKey: true, message });
    }
    if (verb === undefined && keys.length === 0) {
      const message = `needs a verb of the ${driver.name} driver: ${oneOf(verbs)}`;
      this.#tree.add({ path: this.#path, message });
    }
    return verb;
  }

  #name(names: Set<string>): string | undefined {
    const path = [...this.#path, 'name'];
    const name = textAt(this.#tree.root, path);
    if (name === undefined) return undefined;
    if (names.has(name)) {
      this.#tree.add({ path, message: `there are two steps called ${shown(name)}` });
    }
    names.add(name);
    return name;
  }

  #checkSlo(metrics: readonly string[], driver: DriverDefinition): void {
    const known = sloMetrics(driver);
    for (const metric of metrics) {
      if (known.includes(metric)) continue;
      const path = [...this.#path, 'slo', metric];
      const message = `the ${driver.name} driver measures no ${metric} of an operation`;
      this.#tree.add({ path, atKey: true, message, hint: nearestHint(metric, known)! });
    }
  }

  #checkTags(tags: readonly string[]): void {
    for (const tag of tags) {
      if (!BUILT_IN_TAGS.includes(tag)) continue;
      const path = [...this.#path, 'tags', tag];
      this.#tree.add({ path, atKey: true, message: 'this tag is set by loadgen' });
    }
  }

  #checkExpressions(
    step: Parameters<typeof checkStepExpressions>[0],
    resultFields: Readonly<Record<string, string>>,
    extracts: Readonly<Record<string, readonly string[]>>,
  ): void {
    const { params, feeders } = this.#context;
    const known = { params, feeders, extracts, resultFields: Object.keys(resultFields) };
    for (const { path, message } of checkStepExpressions(step, known)) {
      this.#tree.add({ path: [...this.#path, ...path], message });
    }
  }
}
