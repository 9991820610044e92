import { z } from 'zod';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { toDataTag } from '../../iteration/data-tags.ts';
import {
  checkCondition,
  checkStepExpressions,
  checkTakenTime,
  type StepProblem,
} from '../../iteration/check-step.ts';
import { sloMetrics } from '../../iteration/goals.ts';
import { ownDeclarations } from '../../iteration/own-metrics.ts';
import type { ProgramNode } from '../../iteration/program.ts';
import { isRichStep, stepKeys, type StepPlan, toStepPlan } from '../../iteration/step-schema.ts';
import { isReservedMetric } from '../../measure/metrics/driver-metrics.ts';
import type { ThinkTime } from '../../iteration/think-time.ts';
import { checkScore } from './check-score.ts';
import { nearestHint, nearestName } from '../nearest.ts';
import type { ResolvedTarget } from '../resolved.ts';
import { oneOf, shown } from '../schema/issue-text.ts';
import { isLaterKey, LATER_MESSAGE } from '../schema/later-words.ts';
import { nameSchema } from '../schema/names.ts';
import { BUILT_IN_TAGS } from '../schema/scenario-schema.ts';
import type { MeasuredStep } from '../series-plan.ts';
import { type Path, textAt } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';
import { itemPaths, StepListReader } from './step-list-reader.ts';

/** The keys of a step without its verb. */
export const commonStepSchema = z.strictObject(stepKeys);

export interface StepsContext {
  /** By target. */
  readonly drivers: ReadonlyMap<string, DriverDefinition>;
  readonly targets: Readonly<Record<string, ResolvedTarget>>;
  readonly params: readonly string[];
  /** Fields by feeder. */
  readonly feeders: Readonly<Record<string, readonly string[] | 'any'>>;
  /** Keys that each of these steps may have beside those of all, and that are read elsewhere. */
  readonly moreKeys?: readonly string[];
}

export interface TrialSteps {
  /** Those that are right. */
  readonly plans: readonly StepPlan[];
  readonly isComplete: boolean;
  /** All of them, as far as they decide what is measured; undefined where one says too little. */
  readonly lanes: readonly StepLane[] | undefined;
  /** What an iteration does, where that is more than the steps one after the other. */
  readonly program?: readonly ProgramNode[];
  /** Think steps after the last other one, where there is no program. */
  readonly thinkAfter: readonly ThinkTime[];
  /** Where each of the plans stands. */
  readonly paths: readonly Path[];
}

/** What of a step decides over its series and scores. */
export type StepLane = MeasuredStep & Pick<StepPlan, 'score'>;

/**
 * `steps`: each parsed by its common keys and by the verb of its target's driver; those without a
 * target (think, group, oneOf) make the list a program.
 */
export function resolveSteps(
  tree: TrialTree,
  context: StepsContext,
  path: Path = ['steps'],
): TrialSteps {
  if (!tree.has(path) || (tree.length(path) === 0 && tree.isList(path))) {
    const message = 'is missing; expected a list of steps, each with a name and a verb';
    tree.add({ path, message });
  } else if (!tree.isList(path)) tree.add({ path, message: 'expected a list of steps' });
  return resolveStepsAt(tree, context, { path, items: itemPaths(tree, path), names: new Set() });
}

/** Steps of a list that follow one another in an iteration. */
export function resolveStepsAt(
  tree: TrialTree,
  context: StepsContext,
  { path, items, names }: { path: Path; items: readonly Path[]; names: Set<string> },
): TrialSteps {
  const operations: StepReader[] = [];
  const before: StepsBefore = { names, extracts: {} };
  const { params, feeders } = context;
  const known = () => ({ params, feeders, extracts: { ...before.extracts }, resultFields: [] });
  const addAll = (problems: readonly StepProblem[], at: Path): void => {
    for (const { path: to, message } of problems) tree.add({ path: [...at, ...to], message });
  };
  const list = new StepListReader(tree, {
    context,
    checkName: (at) => checkStepName(tree, at, before.names),
    checkCondition: (text, at) => addAll(checkCondition(text, known()), at),
    checkTakenTime: (time, at) => addAll(checkTakenTime(time, known()), at),
    readOperation: (at) => {
      const reader = new StepReader(tree, at, context);
      reader.read(before);
      return operations.push(reader) - 1;
    },
  });
  const program = list.read(items);
  const lanes = operations.map(({ lane }) => lane).filter((lane) => lane !== undefined);
  if (items.length > 0 && operations.length === 0) {
    tree.add({ path, message: 'needs a step that does more than think' });
  }
  checkOwnMetrics(tree, operations);
  return {
    ...planned(program, operations),
    isComplete: operations.every(({ plan }) => plan !== undefined),
    lanes: lanes.length === operations.length ? lanes : undefined,
    paths: operations.flatMap(({ plan, path: at }) => (plan === undefined ? [] : [at])),
  };
}

/** Steps that only send and think, one after the other, need no program. */
function planned(
  nodes: readonly ProgramNode[],
  operations: readonly StepReader[],
): Pick<TrialSteps, 'plans' | 'program' | 'thinkAfter'> {
  const plans = operations.map(({ plan }) => plan);
  if (!nodes.every(isPlain) || plans.some((plan) => plan !== undefined && isRichStep(plan))) {
    return {
      plans: plans.filter((plan) => plan !== undefined),
      program: nodes,
      thinkAfter: [],
    };
  }
  const thinking: StepPlan[] = [];
  let thinkBefore: ThinkTime[] = [];
  for (const node of nodes) {
    if (node.kind === 'think' && node.time.kind !== 'from') {
      thinkBefore.push({ position: node.position, time: node.time });
    }
    if (node.kind !== 'operation') continue;
    const plan = plans[node.step];
    if (plan !== undefined)
      thinking.push({ ...plan, ...(thinkBefore.length > 0 && { thinkBefore }) });
    thinkBefore = [];
  }
  return { plans: thinking, thinkAfter: thinkBefore };
}

function isPlain(node: ProgramNode): boolean {
  if (node.when !== undefined) return false;
  return node.kind === 'operation' || (node.kind === 'think' && node.time.kind !== 'from');
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

/** Metrics of one name have one unit, and none is called like one that is there already. */
function checkOwnMetrics(tree: TrialTree, operations: readonly StepReader[]): void {
  const units = new Map<string, string>();
  for (const { path, plan } of operations) {
    for (const { name, unit } of plan?.record ?? []) {
      const at = [...path, 'record', name];
      const [declared] = ownDeclarations({ record: [{ name, value: '0', unit }] });
      const known = units.get(name);
      if (known !== undefined && known !== declared!.unit) {
        tree.add({ path: [...at, 'unit'], message: `another step records ${name} in ${known}` });
      }
      units.set(name, declared!.unit);
    }
  }
}

/** What a step can know of those before it, and adds to. */
interface StepsBefore {
  readonly names: Set<string>;
  readonly extracts: Record<string, readonly string[]>;
}

class StepReader {
  plan: StepPlan | undefined;
  lane: StepLane | undefined;
  readonly path: Path;
  readonly #tree: TrialTree;
  readonly #path: Path;
  readonly #context: StepsContext;

  constructor(tree: TrialTree, path: Path, context: StepsContext) {
    this.#tree = tree;
    this.path = path;
    this.#path = path;
    this.#context = context;
  }

  read(before: StepsBefore): void {
    const tree = this.#tree;
    if (!tree.isMap(this.#path)) {
      tree.add({ path: this.#path, message: 'expected a map with a name and a verb' });
      return;
    }
    const target = this.#target();
    const driver = target === undefined ? undefined : this.#context.drivers.get(target);
    const verb = this.#verb(driver);
    const { moreKeys = [] } = this.#context;
    const others = [...this.#verbKeys(driver), ...moreKeys];
    const keys = tree.parse(commonStepSchema, this.#path, others);
    const name = this.#name(before.names);
    this.#checkTags();
    if (driver !== undefined) this.#checkSlo(driver);
    if (driver !== undefined) this.#checkRecord(driver);
    const definition = verb === undefined ? undefined : driver?.verbs[verb];
    checkScore(tree, this.#path, verb === undefined ? undefined : { verb, definition });
    const spec = definition && tree.parse(definition.schema, [...this.#path, verb!]);
    this.#checkExpressions(verb, spec, {
      resultFields: Object.keys(definition?.resultFields ?? {}),
      extracts: { ...before.extracts },
    });
    if (name !== undefined) before.extracts[name] = tree.keys([...this.#path, 'extract']);
    if (name === undefined || target === undefined || driver === undefined) return;
    const setting = { target, driver: driver.name, verb: verb ?? '', spec };
    const { sloPresets } = driver;
    this.lane = keys && toStepPlan(keys, { ...setting, sloPresets, timeoutMs: 0 });
    this.lane ??= { ...setting, name, tags: {}, slo: {} };
    const resolved = this.#context.targets[target];
    if (keys === undefined || spec === undefined || resolved === undefined) return;
    this.plan = toStepPlan(keys, { ...setting, sloPresets, timeoutMs: resolved.timeoutMs });
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
    const { moreKeys = [] } = this.#context;
    const others = this.#tree
      .keys(this.#path)
      .filter((key) => !Object.hasOwn(stepKeys, key) && !moreKeys.includes(key));
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
    const named = textAt(this.#tree.root, [...this.#path, 'slo']);
    if (named !== undefined) this.#checkSloPreset(named, driver);
    const units = new Map(sloMetrics(driver).map(({ name, unit }) => [name, unit]));
    for (const metric of this.#tree.keys([...this.#path, 'slo'])) {
      const path = [...this.#path, 'slo', metric];
      const unit = units.get(metric);
      if (unit === undefined) {
        const message = `the ${driver.name} driver measures no ${metric} of an operation`;
        const hint = nearestHint(metric, [...units.keys()])!;
        this.#tree.add({ path, atKey: true, message, hint });
        continue;
      }
      const isNumber = typeof this.#tree.value(path) === 'number';
      if (isNumber !== (unit === 'ns')) continue;
      const wanted = unit === 'ns' ? 'a duration with its unit, such as 250ms' : 'a plain number';
      this.#tree.add({ path, message: `the limit of ${metric} is ${wanted}` });
    }
  }

  #checkSloPreset(named: string, { name, sloPresets = {} }: DriverDefinition): void {
    const known = Object.keys(sloPresets);
    if (known.includes(named)) return;
    const hint = nearestHint(named, known);
    const message = `the ${name} driver knows no limits called ${shown(named)}`;
    this.#tree.add({ path: [...this.#path, 'slo'], message, ...(hint !== undefined && { hint }) });
  }

  #checkRecord(driver: DriverDefinition): void {
    const own = new Set(sloMetrics(driver).map(({ name }) => name));
    for (const metric of this.#tree.keys([...this.#path, 'record'])) {
      if (!isReservedMetric(metric) && !own.has(metric)) continue;
      const path = [...this.#path, 'record', metric];
      this.#tree.add({ path, atKey: true, message: 'this metric is measured by loadgen' });
    }
  }

  #checkTags(): void {
    for (const tag of this.#tree.keys([...this.#path, 'tags'])) {
      if (!BUILT_IN_TAGS.includes(tag)) continue;
      const path = [...this.#path, 'tags', tag];
      this.#tree.add({ path, atKey: true, message: 'this tag is set by loadgen' });
    }
  }

  /** The expressions that only some steps have, as far as their keys are right. */
  #extras() {
    const tree = this.#tree;
    const at = (key: string): Path => [...this.#path, key];
    const when = tree.peek(stepKeys.when, at('when'));
    const poll = tree.peek(stepKeys.poll, at('poll'));
    const record = tree.peek(stepKeys.record, at('record')) ?? [];
    const tags = tree.peek(stepKeys.tags, at('tags')) ?? {};
    const score = Object.entries(tree.peek(stepKeys.score, at('score')) ?? {}).map(
      ([scorer, { of }]) => ({ scorer, reference: of }),
    );
    const dataTags = Object.entries(tags).flatMap(([name, tag]) =>
      typeof tag === 'string' ? [] : [toDataTag(name, tag)],
    );
    return { ...(when !== undefined && { when }), ...(poll && { poll }), record, dataTags, score };
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
      ...this.#extras(),
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
