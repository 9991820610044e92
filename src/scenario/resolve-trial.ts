import type { DriverDefinition } from '../drivers/driver.ts';
import { loadSchema, type Load } from '../load/executors/load-schema.ts';
import { checkConnections } from './checks/check-connections.ts';
import { checkUses } from './checks/check-uses.ts';
import { checkHead, type Head } from './checks/check-head.ts';
import { checkPlan } from './checks/check-plan.ts';
import { type OpenedSources, resolveData } from './checks/resolve-data.ts';
import { resolveSteps, type TrialSteps } from './checks/resolve-steps.ts';
import { loadTargetDrivers, resolveTargets } from './checks/resolve-targets.ts';
import { resolveTrace } from './checks/resolve-trace.ts';
import type { OutputsSpec } from '../outputs/outputs-schema.ts';
import {
  checkThresholds,
  parseThresholds,
  parseVerdictRules,
} from './checks/resolve-thresholds.ts';
import type { VerdictRule } from '../measure/validity/verdict-rule-schema.ts';
import type { ThresholdSpec } from '../measure/thresholds/threshold-schema.ts';
import { applyEnvironment, type Environment } from './environment.ts';
import type { Problem } from './problem.ts';
import type { ResolvedFlow, ResolvedTrial, Scalar } from './resolved.ts';
import type { TrialRules } from './schema/trials-schema.ts';
import type { SourceMap } from './source/source-node.ts';
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

/** The only flow of a scenario that has `steps` and `load` at its top. */
const MAIN_FLOW = 'main';

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
  const { surroundings } = setting;
  const head = checkHead(tree, setting);
  const written: Load | undefined = tree.parse(loadSchema, ['load']);
  const drivers = await loadTargetDrivers(tree);
  const targets = resolveTargets(tree, { drivers, surroundings, load: written });
  const { seed } = head;
  const resultFields = resultFieldsOf(drivers.values());
  const { baseFolder, opened } = setting;
  const data = await resolveData(tree, { seed, baseFolder, opened, resultFields });
  const load = await resolveTrace(tree, written, { data, seed, baseFolder });
  const steps = resolveSteps(tree, {
    drivers,
    targets,
    params: tree.keys(['params']),
    feeders: data.fields,
  });
  checkUses(tree, { drivers, targets, steps: steps.plans, baseFolder });
  const judged = checkedThresholds(tree, { head, load, steps, drivers, targets, setting });
  const { formats, outputs, trials } = head;
  if (load === undefined) return { trial: undefined, formats, outputs, trials };
  checkPlan(tree, load);
  const used = Object.values(targets).filter(({ name }) =>
    steps.plans.some(({ target }) => target === name),
  );
  checkConnections(tree, load, { targets: used, descriptorLimit: surroundings.descriptorLimit });
  return {
    formats,
    outputs,
    trials,
    trial: {
      scenario: head.name,
      baseFolder: setting.baseFolder,
      seed,
      trial: setting.number,
      axes: setting.axes,
      params: head.params,
      tags: head.tags,
      targets,
      data: data.specs,
      flows: [{ name: MAIN_FLOW, tags: {}, ...flowSteps(steps), load }],
      ...judged,
    },
  };
}

function flowSteps({ plans, thinkAfter }: TrialSteps): Pick<ResolvedFlow, 'steps' | 'thinkAfter'> {
  return { steps: plans, ...(thinkAfter.length > 0 && { thinkAfter }) };
}

/** Checked also where the load or a step is not right, as far as what is measured is known. */
function checkedThresholds(
  tree: TrialTree,
  trial: {
    readonly head: Head;
    readonly load: Load | undefined;
    readonly steps: TrialSteps;
    readonly drivers: ReadonlyMap<string, DriverDefinition>;
    readonly targets: ResolvedTrial['targets'];
    readonly setting: TrialSetting;
  },
): { thresholds: ThresholdSpec[]; verdict: VerdictRule[] } {
  const { head, load, steps, drivers, targets, setting } = trial;
  const thresholds = parseThresholds(tree);
  const rules = parseVerdictRules(tree);
  if (steps.lanes === undefined) return { thresholds: [], verdict: [] };
  const { axes, sweptAxes } = setting;
  const measured = {
    flows: [{ name: MAIN_FLOW, tags: {}, steps: steps.lanes, load }],
    tags: head.tags,
    targets,
    definitions: new Map([...drivers.values()].map((driver) => [driver.name, driver])),
    axes,
    sweptAxes,
  };
  return {
    thresholds: checkThresholds(tree, thresholds, measured).map(({ spec }) => spec),
    verdict: checkThresholds(tree, rules, measured).map(({ spec, invalid }) => ({ spec, invalid })),
  };
}

function resultFieldsOf(drivers: Iterable<DriverDefinition>): Set<string> {
  const verbs = [...drivers].flatMap((driver) => Object.values(driver.verbs));
  return new Set(verbs.flatMap(({ resultFields }) => Object.keys(resultFields)));
}
