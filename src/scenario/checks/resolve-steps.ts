import { z } from 'zod';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { checkStepExpressions } from '../../iteration/check-step.ts';
import { sloMetrics } from '../../iteration/goals.ts';
import { stepKeys, type StepPlan, toStepPlan } from '../../iteration/step-schema.ts';
import { thinkStepSchema, type ThinkTime } from '../../iteration/think-time.ts';
import { nearestHint, nearestName } from '../nearest.ts';
import type { ResolvedTarget } from '../resolved.ts';
import { oneOf, shown } from '../schema/issue-text.ts';
import { isLaterKey, LATER_MESSAGE } from '../schema/later-words.ts';
import { nameSchema } from '../schema/names.ts';
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

export interface TrialSteps {
  /** Those that are right. */
  readonly plans: readonly StepPlan[];
  /** All of them, as far as they decide what is measured; undefined where one says too little. */
  readonly lanes: readonly StepLane[] | undefined;
  /** Think steps after the last other one. */
  readonly thinkAfter: readonly ThinkTime[];
}

/** What of a step decides over its series. */
export type StepLane = Pick<StepPlan, 'name' | 'target' | 'driver' | 'tags' | 'slo'>;

/** `steps`: each parsed by its common keys and by the verb of its target's driver. */
export function resolveSteps(tree: TrialTree, context: StepsContext): TrialSteps {
  const path = ['steps'];
  const count = tree.length(path);
  if (!tree.has(path) || (count === 0 && tree.isList(path))) {
    const message = 'is missing; expected a list of steps, each with a name and a verb';
    tree.add({ path, message });
  } else if (!tree.isList(path)) tree.add({ path, message: 'expected a list of steps' });
  const before: StepsBefore = { names: new Set(), extracts: {} };
  let thinkBefore: ThinkTime[] = [];
  const readers: StepReader[] = [];
  for (let position = 0; position < count; position++) {
    const at = ['steps', position];
    if (tree.keys(at).includes('think')) {
      thinkBefore.push(...readThink(tree, position, before.names));
      continue;
    }
    const reader = new StepReader(tree, at, context);
    reader.read(before, thinkBefore);
    readers.push(reader);
    thinkBefore = [];
  }
  if (readers.length === 0 && count > 0) {
    tree.add({ path, message: 'needs a step that does more than think' });
  }
  const lanes = readers.map(({ lane }) => lane).filter((lane) => lane !== undefined);
  return {
    plans: readers.map(({ plan }) => plan).filter((plan) => plan !== undefined),
    lanes: lanes.length === readers.length ? lanes : undefined,
    thinkAfter: thinkBefore,
  };
}

/** A step that thinks: nothing but a name beside it. */
function readThink(tree: TrialTree, position: number, names: Set<string>): ThinkTime[] {
  const path = ['steps', position];
  const known = Object.keys(thinkStepSchema.shape);
  const others = tree.keys(path).filter((key) => !known.includes(key));
  for (const key of others) {
    const message = 'a step that thinks does nothing else, and takes a name at most';
    tree.add({ path: [...path, key], atKey: true, message });
  }
  checkStepName(tree, path, names);
  const step = tree.parse(thinkStepSchema, path, others);
  return step === undefined ? [] : [{ position, time: step.think }];
}

/** The name of a step, where it has one, unlike those before it. */
function checkStepName(tree: TrialTree, path: Path, names: Set<string>): string | undefined {
  const name = textAt(tree.root, [...path, 'name']);
  if (name === undefined) return undefined;
  if (names.has(name)) {
    tree.add({ path: [...path, 'name'], message: `there are two steps called ${shown(name)}` });
  }
  names.add(name);
  return name;
}

/** What a step can know of those before it, and adds to. */
interface StepsBefore {
  readonly names: Set<string>;
  readonly extracts: Record<string, readonly string[]>;
}

class StepReader {
  plan: StepPlan | undefined;
  lane: StepLane | undefined;
  readonly #tree: TrialTree;
  readonly #path: Path;
  readonly #context: StepsContext;

  constructor(tree: TrialTree, path: Path, context: StepsContext) {
    this.#tree = tree;
    this.#path = path;
    this.#context = context;
  }

  read(before: StepsBefore, thinkBefore: readonly ThinkTime[]): void {
    const tree = this.#tree;
    if (!tree.isMap(this.#path)) {
      tree.add({ path: this.#path, message: 'expected a map with a name and a verb' });
      return;
    }
    const target = this.#target();
    const driver = target === undefined ? undefined : this.#context.drivers.get(target);
    const verb = this.#verb(driver);
    const keys = tree.parse(commonStepSchema, this.#path, this.#verbKeys(driver));
    const name = this.#name(before.names);
    this.#checkTags();
    if (driver !== undefined) this.#checkSlo(driver);
    const definition = verb === undefined ? undefined : driver?.verbs[verb];
    const spec = definition && tree.parse(definition.schema, [...this.#path, verb!]);
    this.#checkExpressions(verb, spec, {
      resultFields: Object.keys(definition?.resultFields ?? {}),
      extracts: { ...before.extracts },
    });
    if (name !== undefined) before.extracts[name] = tree.keys([...this.#path, 'extract']);
    if (name === undefined || target === undefined || driver === undefined) return;
    this.lane = { name, target, driver: driver.name, tags: keys?.tags ?? {}, slo: keys?.slo ?? {} };
    const resolved = this.#context.targets[target];
    if (keys === undefined || spec === undefined || resolved === undefined) return;
    const { timeoutMs } = resolved;
    this.plan = {
      ...toStepPlan(keys, { target, driver: driver.name, verb: verb!, spec, timeoutMs }),
      ...(thinkBefore.length > 0 && { thinkBefore }),
    };
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
    const verbs = this.#verbsOf(driver);
    if (verbs.length === 0) return others;
    return others.filter((key) => verbs.includes(key) || isStrangeVerb(key, verbs));
  }

  /** The verbs of the driver; of all drivers in use for a step whose target is not known. */
  #verbsOf(driver: DriverDefinition | undefined): string[] {
    const drivers = driver === undefined ? [...this.#context.drivers.values()] : [driver];
    return [...new Set(drivers.flatMap(({ verbs }) => Object.keys(verbs)))];
  }

  #verb(driver: DriverDefinition | undefined): string | undefined {
    const verbs = this.#verbsOf(driver);
    const keys = this.#verbKeys(driver);
    if (verbs.length === 0) return undefined;
    const [verb, second] = keys.filter((key) => verbs.includes(key));
    for (const key of keys) {
      if (!verbs.includes(key)) this.#reportStrangeVerb(key, verbs);
    }
    if (second !== undefined) {
      const message = `a step has one verb, and this one has ${verb} and ${second}`;
      this.#tree.add({ path: [...this.#path, second], atKey: true, message });
    }
    if (keys.length === 0) {
      this.#tree.add({ path: this.#path, message: `needs a verb: ${oneOf(verbs)}` });
    }
    return verb;
  }

  #reportStrangeVerb(key: string, verbs: readonly string[]): void {
    const at = { path: [...this.#path, key], atKey: true };
    if (isLaterKey('steps.any', key)) this.#tree.add({ ...at, message: LATER_MESSAGE });
    else this.#tree.add({ ...at, message: 'unknown verb', hint: nearestHint(key, verbs)! });
  }

  #name(names: Set<string>): string | undefined {
    const name = checkStepName(this.#tree, this.#path, names);
    if (name !== undefined) this.#tree.parse(nameSchema, [...this.#path, 'name']);
    return name;
  }

  #checkSlo(driver: DriverDefinition): void {
    const known = sloMetrics(driver);
    for (const metric of this.#tree.keys([...this.#path, 'slo'])) {
      if (known.includes(metric)) continue;
      const path = [...this.#path, 'slo', metric];
      const message = `the ${driver.name} driver measures no ${metric} of an operation`;
      this.#tree.add({ path, atKey: true, message, hint: nearestHint(metric, known)! });
    }
  }

  #checkTags(): void {
    for (const tag of this.#tree.keys([...this.#path, 'tags'])) {
      if (!BUILT_IN_TAGS.includes(tag)) continue;
      const path = [...this.#path, 'tags', tag];
      this.#tree.add({ path, atKey: true, message: 'this tag is set by loadgen' });
    }
  }

  /** Also of a step that is not right otherwise: each expression that is there is looked at. */
  #checkExpressions(
    verb: string | undefined,
    spec: unknown,
    known: {
      readonly resultFields: readonly string[];
      readonly extracts: Readonly<Record<string, readonly string[]>>;
    },
  ): void {
    if (verb === undefined) return;
    const tree = this.#tree;
    const at = (key: string): Path => [...this.#path, key];
    const items = tree.peek(stepKeys.items, at('items'));
    const step = {
      verb,
      spec: spec ?? tree.value(at(verb)),
      expect: tree.peek(stepKeys.expect, at('expect')) ?? [],
      extract: tree.peek(stepKeys.extract, at('extract')) ?? {},
      ...(items !== undefined && { items }),
    };
    const { params, feeders } = this.#context;
    for (const { path, message } of checkStepExpressions(step, { params, feeders, ...known })) {
      const hint = message.endsWith(' character: =') ? 'CEL compares with ==.' : undefined;
      tree.add({ path: [...this.#path, ...path], message, ...(hint !== undefined && { hint }) });
    }
  }
}

/** Closer to a verb than to a common key: reported as an unknown verb. */
function isStrangeVerb(key: string, verbs: readonly string[]): boolean {
  if (isLaterKey('steps.any', key)) return true;
  const nearest = nearestName(key, [...verbs, ...Object.keys(stepKeys)]);
  return nearest !== undefined && verbs.includes(nearest);
}
