import type { DriverDefinition } from '../drivers/driver.ts';
import { loadSchema, type Load } from '../load/executors/load-schema.ts';
import { checkConnections, connectionsNeeded } from './checks/check-connections.ts';
import { type FlowLoad, flowPlaces, linkFlows } from './checks/check-flows.ts';
import { checkUses } from './checks/check-uses.ts';
import { checkHead, type Head } from './checks/check-head.ts';
import { checkPlan } from './checks/check-plan.ts';
import { limitByRows } from './checks/check-rows.ts';
import { type OpenedSources, resolveData, type TrialData } from './checks/resolve-data.ts';
import {
  preparationFlows,
  resolvePreparation,
  type PreparationPart,
} from './checks/resolve-preparation.ts';
import { settleSteps } from './checks/settle-steps.ts';
import { resolveSteps, type StepsContext, type TrialSteps } from './checks/resolve-steps.ts';
import { loadTargetDrivers, resolveTargets } from './checks/resolve-targets.ts';
import { resolveTrace } from './checks/resolve-trace.ts';
import { nearestHint } from './nearest.ts';
import type { OutputsSpec } from '../outputs/outputs-schema.ts';
import {
  checkThresholds,
  parseThresholds,
  parseVerdictRules,
  type MeasuredFlow,
} from './checks/resolve-thresholds.ts';
import type { SurroundingPhase } from '../measure/metrics/outcome.ts';
import type { VerdictRule } from '../measure/validity/verdict-rule-schema.ts';
import type { ThresholdSpec } from '../measure/thresholds/threshold-schema.ts';
import { applyEnvironment, type Environment } from './environment.ts';
import type { Problem } from './problem.ts';
import type { ResolvedFlow, ResolvedTarget, ResolvedTrial, Scalar } from './resolved.ts';
import { headShape } from './schema/scenario-schema.ts';
import type { TrialRules } from './schema/trials-schema.ts';
import type { Path, SourceMap } from './source/source-node.ts';
import type { Surroundings } from './surroundings.ts';
import { applyParams, readParams } from './trial-params.ts';
import { TrialTree } from './trial-tree.ts';

/** What a trial is besides its tree. */
export interface TrialSetting {
  readonly file: string;
  /** Where the scenario gives itself no name. */
  readonly name: string;
  readonly baseFolder: string;
  /** From 1. */
  readonly number: number;
  readonly axes: Readonly<Record<string, Scalar>>;
  readonly sweptAxes: Readonly<Record<string, readonly string[]>>;
  readonly environment: Environment;
  readonly surroundings: Surroundings;
  /** Shared by the trials of a scenario. */
  readonly opened: OpenedSources;
}

export interface TrialResolution {
  /** Undefined where an error is among the problems. */
  readonly trial: ResolvedTrial | undefined;
  readonly formats: readonly string[];
  readonly outputs: OutputsSpec;
  readonly trials: TrialRules;
  readonly problems: readonly Problem[];
}

/** One trial with nothing left open, or everything that is wrong with it. */
export async function resolveTrial(
  written: SourceMap,
  setting: TrialSetting,
): Promise<TrialResolution> {
  const withEnvironment = applyEnvironment(written, setting.environment);
  const params = readParams(withEnvironment.root);
  const withParams = applyParams(withEnvironment.root, params);
  const tree = new TrialTree(withParams.root);
  tree.add(...withEnvironment.findings, ...withParams.findings);
  const { trial, ...rest } = await resolveTree(tree, setting);
  const problems = tree.problems(setting.file);
  const isBroken = problems.some(({ severity }) => severity === 'error');
  return { ...rest, trial: isBroken ? undefined : trial, problems };
}

async function resolveTree(
  tree: TrialTree,
  setting: TrialSetting,
): Promise<Omit<TrialResolution, 'problems'>> {
  const { surroundings, baseFolder, opened } = setting;
  const head = checkHead(tree, setting);
  const places = flowPlaces(tree);
  const written = places.map((place): FlowLoad => {
    return { ...place, load: tree.parse(loadSchema, [...place.path, 'load']) };
  });
  const drivers = await loadTargetDrivers(tree);
  const asked = written.map(({ load }) => load).filter((load) => load !== undefined);
  const targets = resolveTargets(tree, { drivers, surroundings, loads: asked });
  const { seed } = head;
  const resultFields = resultFieldsOf(drivers.values());
  const data = await resolveData(tree, { seed, baseFolder, opened, resultFields });
  const traced = written.map(async ({ load, ...place }) => {
    const path = [...place.path, 'load'];
    return { ...place, load: await resolveTrace(tree, load, { data, seed, baseFolder, path }) };
  });
  checkDialects(tree, head.dialects, [...drivers.values()]);
  const loads = linkFlows(tree, await Promise.all(traced));
  const context = { drivers, targets, params: tree.keys(['params']), feeders: data.fields };
  const flows = written.map((place) => {
    return resolveFlow(tree, { ...place, load: loads.get(place.name) }, { ...context, data });
  });
  const around = {
    prepare: resolvePreparation(tree, 'prepare', { ...context, data }),
    cleanup: resolvePreparation(tree, 'cleanup', { ...context, data }),
  };
  const listed = [...flows, ...around.prepare, ...around.cleanup];
  const steps = listed.flatMap(({ steps: { plans, paths } }) =>
    plans.map((plan, index) => ({ plan, path: paths[index]! })),
  );
  checkUses(tree, { drivers, targets, steps, baseFolder });
  const judged = checkedThresholds(tree, { head, flows, around, drivers, targets, setting });
  const { descriptorLimit } = surroundings;
  // What stands around the load runs one after the other, and not beside it.
  for (const atOnce of [flows, ...[...around.prepare, ...around.cleanup].map((part) => [part])]) {
    checkLoads(tree, atOnce, { targets, descriptorLimit });
  }
  const { formats, outputs, trials } = head;
  const resolved = resolvedFlows(settleTrial(tree, { flows, around }, drivers), seed);
  if (resolved === undefined) return { trial: undefined, formats, outputs, trials };
  return {
    formats,
    outputs,
    trials,
    trial: {
      scenario: head.name,
      baseFolder,
      seed,
      trial: setting.number,
      axes: setting.axes,
      params: head.params,
      tags: head.tags,
      targets,
      data: data.specs,
      ...resolved,
      ...(head.dialects.length > 0 && { dialects: head.dialects }),
      ...judged,
    },
  };
}

function resolveFlow(
  tree: TrialTree,
  { name, path, load }: FlowLoad,
  { data, ...context }: StepsContext & { readonly data: TrialData },
): TrialFlow {
  const steps = resolveSteps(tree, context, [...path, 'steps']);
  const tags = path.length === 0 ? {} : (tree.parse(flowTagsSchema, [...path, 'tags']) ?? {});
  const at = [...path, 'load'];
  const { plans, program, isComplete } = steps;
  const rows = { steps: plans, isComplete, ...(program && { program }), path: at, ...data };
  const limited = load && limitByRows(tree, load, rows);
  return { name, path: at, tags, steps, load: limited };
}

type AroundLoad = Readonly<Record<SurroundingPhase, readonly PreparationPart[]>>;

interface TrialLoads {
  readonly flows: readonly TrialFlow[];
  readonly around: AroundLoad;
}

/** All steps of a trial as their drivers want them, in view of each other. */
function settleTrial(
  tree: TrialTree,
  { flows, around: { prepare, cleanup } }: TrialLoads,
  drivers: ReadonlyMap<string, DriverDefinition>,
): TrialLoads {
  const lists = [...prepare, ...flows, ...cleanup].map(({ steps }) => steps);
  const settle = settleSteps(tree, lists, drivers);
  const settled = <Part extends { readonly steps: TrialSteps }>(parts: readonly Part[]): Part[] =>
    parts.map((part) => ({ ...part, steps: settle(part.steps) }));
  return {
    flows: settled(flows),
    around: { prepare: settled(prepare), cleanup: settled(cleanup) },
  };
}

/** Undefined where a load is not right. */
function resolvedFlows(
  { flows, around }: TrialLoads,
  seed: number,
): Pick<ResolvedTrial, 'flows' | 'prepare' | 'cleanUp'> | undefined {
  const resolved = flows.flatMap(({ name, tags, steps, load }): ResolvedFlow[] => {
    if (load === undefined) return [];
    return [{ name, tags, ...flowSteps(steps), load }];
  });
  const prepare = preparationFlows(around.prepare, seed);
  const cleanUp = preparationFlows(around.cleanup, seed);
  if (resolved.length < flows.length || !prepare || !cleanUp) return undefined;
  return {
    flows: resolved,
    ...(prepare.length > 0 && { prepare }),
    ...(cleanUp.length > 0 && { cleanUp }),
  };
}

/** Each must be known to a driver in use. */
function checkDialects(
  tree: TrialTree,
  dialects: readonly string[],
  drivers: readonly DriverDefinition[],
): void {
  const known = [...new Set(drivers.flatMap((driver) => Object.keys(driver.dialects ?? {})))];
  for (const [index, dialect] of dialects.entries()) {
    if (known.includes(dialect)) continue;
    const hint = nearestHint(dialect, known);
    const message = `no driver of this scenario measures by the definitions of ${dialect}`;
    tree.add({ path: ['report', 'dialects', index], message, ...(hint !== undefined && { hint }) });
  }
}

interface TrialFlow {
  readonly name: string;
  /** Of its load. */
  readonly path: Path;
  readonly tags: Readonly<Record<string, string>>;
  readonly steps: TrialSteps;
  readonly load: Load | undefined;
}

const flowTagsSchema = headShape.tags;

function checkLoads(
  tree: TrialTree,
  flows: readonly Pick<TrialFlow, 'load' | 'path' | 'steps'>[],
  context: {
    readonly targets: Readonly<Record<string, ResolvedTarget>>;
    readonly descriptorLimit: number | undefined;
  },
): void {
  let left = context.descriptorLimit;
  for (const { load, path, steps } of flows) {
    if (load === undefined) continue;
    checkPlan(tree, load, path);
    const used = Object.values(context.targets).filter(({ name }) =>
      steps.plans.some(({ target }) => target === name),
    );
    checkConnections(tree, load, { targets: used, descriptorLimit: left, path });
    if (left !== undefined) left -= connectionsNeeded(load, used);
  }
}

function flowSteps({
  plans,
  program,
  thinkAfter,
}: TrialSteps): Pick<ResolvedFlow, 'steps' | 'program' | 'thinkAfter'> {
  return {
    steps: plans,
    ...(program && { program }),
    ...(thinkAfter.length > 0 && { thinkAfter }),
  };
}

/** Checked also where the load or a step is not right, as far as what is measured is known. */
function checkedThresholds(
  tree: TrialTree,
  trial: {
    readonly head: Head;
    readonly flows: readonly TrialFlow[];
    readonly around: AroundLoad;
    readonly drivers: ReadonlyMap<string, DriverDefinition>;
    readonly targets: ResolvedTrial['targets'];
    readonly setting: TrialSetting;
  },
): { thresholds: ThresholdSpec[]; verdict: VerdictRule[] } {
  const { head, drivers, targets, setting } = trial;
  const thresholds = parseThresholds(tree);
  const rules = parseVerdictRules(tree);
  const flows = trial.flows.flatMap(({ name, tags, steps, load }) => {
    const { lanes, program } = steps;
    return lanes === undefined
      ? []
      : [{ name, tags, steps: lanes, load, isProgram: program !== undefined }];
  });
  if (flows.length < trial.flows.length) return { thresholds: [], verdict: [] };
  const { axes, sweptAxes } = setting;
  const measured = {
    flows,
    tags: head.tags,
    dialects: head.dialects,
    targets,
    definitions: new Map([...drivers.values()].map((driver) => [driver.name, driver])),
    axes,
    sweptAxes,
    around: {
      prepare: measuredAround(trial.around.prepare),
      cleanup: measuredAround(trial.around.cleanup),
    },
  };
  return {
    thresholds: checkThresholds(tree, thresholds, measured).map(({ spec }) => spec),
    // A verdict is on the load.
    verdict: checkThresholds(tree, rules, { ...measured, around: {} }).map(({ spec, invalid }) => ({
      spec,
      invalid,
    })),
  };
}

/** The parts that are known well enough, as one flow: their series are told apart by the step. */
function measuredAround(parts: readonly PreparationPart[]): MeasuredFlow[] {
  const steps = parts.flatMap((part) => part.steps.lanes ?? []);
  if (steps.length === 0) return [];
  return [{ name: parts[0]!.phase, tags: {}, steps, load: undefined, isProgram: true }];
}

function resultFieldsOf(drivers: Iterable<DriverDefinition>): Set<string> {
  const verbs = [...drivers].flatMap((driver) => Object.values(driver.verbs));
  return new Set(verbs.flatMap(({ resultFields }) => Object.keys(resultFields)));
}
