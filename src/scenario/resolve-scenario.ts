import { basename, dirname, extname, resolve } from 'node:path';
import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { DRIVER_NAMES, loadDriver } from '../drivers/registry.ts';
import { applyEnvironment, type Environment } from './environment.ts';
import type { OpenedSources } from './checks/resolve-data.ts';
import type { OutputsSpec } from '../outputs/outputs-schema.ts';
import { checkPaths } from './overrides/check-paths.ts';
import { commandLineOverride } from './overrides/command-line.ts';
import { readExtended } from './overrides/extend.ts';
import { mergeOverride, type MergeProblem } from './overrides/merge.ts';
import { nestOverride } from './overrides/nest-override.ts';
import {
  choosePoints,
  MAX_TRIALS,
  readSweep,
  type Sweep,
  type SweepPoint,
} from './overrides/sweep.ts';
import { orderTrials, type TrialRun } from './overrides/order-trials.ts';
import { nearestHint } from './nearest.ts';
import { countProblems, formatProblem, type Problem, sortProblems } from './problem.ts';
import { redact } from './redaction.ts';
import { resolveTrial } from './resolve-trial.ts';
import type { ResolvedScenario, ResolvedTrial } from './resolved.ts';
import { composedSchema } from './schema/composed-schema.ts';
import { nameOfFile, nameSchema } from './schema/names.ts';
import { RUN_ONCE, type TrialRules } from './schema/trials-schema.ts';
import type { Surroundings } from './surroundings.ts';
import { readScenarioFile } from './source/read-scenario-file.ts';
import {
  formatPath,
  fromOverride,
  type Place,
  type SourceMap,
  toValue,
} from './source/source-node.ts';

/** What is asked of a scenario file. */
export interface ScenarioRequest {
  readonly file: string;
  /** Laid over the scenario in this order. */
  readonly profiles?: readonly string[];
  /** PATH=VALUE. */
  readonly set?: readonly string[];
  /** NAME=URL. */
  readonly targets?: readonly string[];
  readonly seed?: number | undefined;
  readonly environment: Environment;
  readonly surroundings: Surroundings;
}

/** A scenario, unless one of the problems is an error. */
export interface ScenarioReading {
  readonly scenario: ResolvedScenario | undefined;
  /** By position. */
  readonly problems: readonly Problem[];
}

/** Problems that one message lists; more would hide the first ones. */
const LISTED_PROBLEMS = 50;

/** Reads a scenario; throws SCENARIO_NOT_FOUND, and SCENARIO_INVALID with every problem at once. */
export async function resolveScenario(
  request: ScenarioRequest,
): Promise<{ scenario: ResolvedScenario; warnings: readonly Problem[] }> {
  const { scenario, problems } = await checkScenario(request);
  if (scenario !== undefined) return { scenario, warnings: problems };
  const errors = problems.filter(({ severity }) => severity === 'error');
  const listed = errors.slice(0, LISTED_PROBLEMS).map(formatProblem);
  if (errors.length > listed.length) listed.push(`… and ${errors.length - listed.length} more`);
  throw new LoadgenError('SCENARIO_INVALID', {
    count: countProblems(errors.length),
    file: request.file,
    problems: listed.join('\n'),
  });
}

/** Reads a scenario and finds everything that is wrong with it. Throws SCENARIO_NOT_FOUND only. */
export async function checkScenario(request: ScenarioRequest): Promise<ScenarioReading> {
  const text = readScenarioFile(request.file);
  return new ScenarioReader(request).read(text);
}

class ScenarioReader {
  readonly #request: ScenarioRequest;
  readonly #problems: Problem[] = [];
  readonly #opened: OpenedSources = new Map();

  constructor(request: ScenarioRequest) {
    this.#request = request;
  }

  async read(text: string): Promise<ScenarioReading> {
    const written = this.#parse(text);
    if (written === undefined) return this.#reading(undefined);
    await this.#checkProfiles(written);
    const { base, sweep } = this.#overridden(written);
    const shared = withoutKeys(base, ['sweep', 'profiles']);
    const trials: ResolvedTrial[] = [];
    const configs: Record<string, unknown>[] = [];
    const redactedPaths = new Set<string>();
    let formats: readonly string[] = [];
    let outputs: OutputsSpec = {};
    let rules = RUN_ONCE;
    for (const [index, point] of sweep.points.entries()) {
      const tree = this.#laidOver(shared, point);
      const config = this.#config(tree);
      const resolved = await resolveTrial(tree, {
        file: this.#request.file,
        name: nameOfFile(basename(this.#request.file, extname(this.#request.file))),
        baseFolder: resolve(dirname(this.#request.file)),
        number: index + 1,
        axes: point.axes,
        sweptAxes: sweep.axes,
        environment: this.#request.environment,
        surroundings: this.#request.surroundings,
        opened: this.#opened,
      });
      this.#problems.push(...resolved.problems);
      formats = resolved.formats;
      outputs = resolved.outputs;
      rules = resolved.trials;
      if (resolved.trial !== undefined) trials.push(resolved.trial);
      configs.push(config.config);
      for (const path of config.paths) redactedPaths.add(path);
    }
    const runs = this.#runsOf(base, { points: sweep.points.length, rules, trials });
    return this.#reading({
      name: trials[0]?.scenario ?? '',
      file: this.#request.file,
      trials: runs.flatMap(({ point, repetition }, index) => {
        const trial = trials[point];
        if (trial === undefined) return [];
        return { ...trial, trial: index + 1, ...(rules.repeat > 1 && { repetition }) };
      }),
      between: { pauseNs: rules.pause, stopOnFail: rules.stopOnFail },
      report: { formats },
      outputs,
      redactedPaths: [...redactedPaths],
      effectiveConfig: this.#config(base).config,
      trialConfigs: runs.map(({ point }) => configs[point]!),
    });
  }

  /** Every point of the sweep as often as it is to be run, in the order of the runs. */
  #runsOf(
    base: SourceMap,
    sweep: { points: number; rules: TrialRules; trials: readonly ResolvedTrial[] },
  ): TrialRun[] {
    const { points, rules, trials } = sweep;
    const count = points * rules.repeat;
    if (count > MAX_TRIALS) {
      const message = `${points} × ${rules.repeat} is ${count} trials; the limit is ${MAX_TRIALS}`;
      this.#add(['trials'], base.entries.get('trials')?.key ?? base.place, { message });
      return [];
    }
    return orderTrials({ points, ...rules, seed: trials[0]?.seed ?? 1 });
  }

  #parse(text: string): SourceMap | undefined {
    const { root, problems } = readExtended(this.#request.file, text);
    for (const problem of problems) this.#add(problem.path, problem.place, problem);
    return root;
  }

  /** Profiles in their order, then the command line, then what the sweep makes of it. */
  #overridden(written: SourceMap): { base: SourceMap; sweep: Sweep } {
    let base = written;
    for (const name of this.#request.profiles ?? []) base = this.#withProfile(base, written, name);
    const { override, problems } = commandLineOverride({
      set: this.#request.set ?? [],
      targets: this.#request.targets ?? [],
      seed: this.#request.seed,
    });
    this.#addMerge(base, problems);
    const listed = base;
    const chosen = choosePoints(base, override);
    this.#addMerge(base, chosen.problems);
    base = this.#merged(chosen.base, chosen.commandLine);
    const sweep = readSweep(base, chosen.commandLine, listed);
    this.#addMerge(base, sweep.problems);
    return { base, sweep };
  }

  #withProfile(base: SourceMap, written: SourceMap, name: string): SourceMap {
    const profiles = written.entries.get('profiles')?.node;
    const profile = profiles?.kind === 'map' ? profiles.entries.get(name)?.node : undefined;
    if (profile?.kind === 'map') return this.#merged(base, this.#profileOverride(profile, name));
    if (profile === undefined) {
      const known = profiles?.kind === 'map' ? [...profiles.entries.keys()] : [];
      const hint = nearestHint(name, known) ?? 'The scenario has no profiles.';
      const place = { ...written.place, override: `--profile ${name}` };
      this.#add([], place, { message: `there is no profile called ${name}`, hint });
    }
    return base;
  }

  /** Profiles that are not in use are checked as far as that goes without applying them. */
  async #checkProfiles(written: SourceMap): Promise<void> {
    const profiles = written.entries.get('profiles');
    if (profiles === undefined) return;
    if (profiles.node.kind !== 'map') {
      this.#add(['profiles'], profiles.node.place, { message: 'expected a map of overrides' });
      return;
    }
    const chosen = new Set(this.#request.profiles);
    const { reportFormats } = this.#request.surroundings;
    const drivers = await Promise.all(DRIVER_NAMES.map(loadDriver));
    const schema = composedSchema({ drivers, reportFormats });
    for (const [name, { key, node }] of profiles.node.entries) {
      const named = nameSchema.safeParse(name);
      if (!named.success) {
        this.#add(['profiles', name], key, { message: named.error.issues[0]!.message });
      }
      if (node.kind !== 'map') {
        const message = 'expected a map of paths and values';
        this.#add(['profiles', name], node.place, { message });
      } else if (!chosen.has(name)) {
        const override = this.#profileOverride(node, name);
        this.#merged(written, override);
        this.#addMerge(written, checkPaths(override, schema));
      }
    }
  }

  #profileOverride(profile: SourceMap, name: string): SourceMap {
    const { override, problems } = nestOverride(fromOverride(profile, `profile ${name}`));
    this.#addMerge(profile, problems);
    return override;
  }

  #merged(base: SourceMap, override: SourceMap): SourceMap {
    const { merged, problems } = mergeOverride(base, override);
    this.#addMerge(base, problems);
    return merged;
  }

  #laidOver(shared: SourceMap, { overrides }: SweepPoint): SourceMap {
    return overrides.reduce((under, over) => this.#merged(under, over), shared);
  }

  /** The source after overrides, without secrets: what `effective_config.yaml` shows. */
  #config(tree: SourceMap): { config: Record<string, unknown>; paths: string[] } {
    const { root } = applyEnvironment(withoutKeys(tree, ['profiles']), this.#request.environment);
    const redaction = redact(root);
    return {
      config: toValue(redaction.root) as Record<string, unknown>,
      paths: redaction.paths.map((path) => formatPath(root, path)),
    };
  }

  #addMerge(base: SourceMap, problems: readonly MergeProblem[]): void {
    for (const problem of problems) {
      const place =
        problem.place.line === 0 ? { ...base.place, ...overrideOf(problem) } : problem.place;
      this.#add(problem.path, place, problem);
    }
  }

  #add(
    path: readonly (string | number)[],
    place: Place,
    { message, hint }: { readonly message: string; readonly hint?: string },
  ): void {
    this.#problems.push({
      severity: 'error',
      file: place.file ?? this.#request.file,
      line: place.line,
      column: place.column,
      path: formatPath(undefined, path),
      message,
      ...(hint !== undefined && { hint }),
      ...(place.override !== undefined && { override: place.override }),
    });
  }

  #reading(scenario: ResolvedScenario | undefined): ScenarioReading {
    const problems = sortProblems(this.#problems);
    const isBroken = problems.some(({ severity }) => severity === 'error');
    return { scenario: isBroken ? undefined : scenario, problems };
  }
}

function overrideOf({ place }: MergeProblem): { override?: string } {
  return place.override === undefined ? {} : { override: place.override };
}

function withoutKeys(map: SourceMap, keys: readonly string[]): SourceMap {
  const entries = new Map([...map.entries].filter(([key]) => !keys.includes(key)));
  return { ...map, entries };
}
