import { randomBytes } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Clock } from '../base/time/clock.ts';
import type { ResolvedScenario } from '../scenario/resolved.ts';
import { META_SCHEMA } from './schema/meta.ts';
import { RUN_SCHEMA, type RunDocument } from './schema/run.ts';
import type { State } from './schema/values.ts';
import { RUN_FILE } from './trial-files.ts';
import { runFolderName, scenarioFolderName, trialFolderName } from './write/folder-names.ts';
import { gitCommitOf, jobIds, thisMachine } from './write/machine.ts';
import { notWritable, writing } from './write/not-writable.ts';
import { trialFacts, type TrialOpening } from './write/trial-facts.ts';
import { TrialWriter, type MetaAbout } from './write/trial-writer.ts';
import { uuid7 } from './write/uuid7.ts';
import { writeJson } from './write/write-document.ts';

/** Below it a run is not begun: a minute of a small scenario takes less, an hour may take more. */
const LEAST_FREE_BYTES = 32 * 1024 * 1024;

export interface RunFolderOptions {
  /** `results`, or what `--results` names. It is made where it is not there. */
  readonly resultsFolder: string;
  readonly scenario: ResolvedScenario;
  readonly clock: Clock;
  readonly version: string;
  /** Its git commit is noted. */
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Makes `<results>/<scenario>/<time>-<id>/` with its `run.json`; throws RESULTS_NOT_WRITABLE. */
export function openRunFolder(options: RunFolderOptions): RunFolder {
  return new RunFolder(options);
}

/** The folder of one call of `loadgen run`. */
export class RunFolder {
  readonly folder: string;
  readonly runId: string;
  readonly #options: RunFolderOptions;
  readonly #about: MetaAbout;
  #run: RunDocument;

  constructor(options: RunFolderOptions) {
    const { resultsFolder, scenario, clock } = options;
    const wallMs = clock.wallMs();
    this.runId = uuid7(wallMs, randomBytes(10));
    this.#options = options;
    this.#about = aboutThisMachine(options);
    const parent = join(resultsFolder, scenarioFolderName(scenario.name));
    this.folder = join(parent, runFolderName(wallMs, this.runId));
    this.#run = {
      schema: RUN_SCHEMA,
      runId: this.runId,
      scenario: scenario.name,
      state: 'running',
      startedAt: new Date(wallMs).toISOString(),
      endedAt: null,
      exitCode: null,
      trialCount: scenario.trials.length,
      trials: [],
    };
    writing(parent, () => mkdirSync(parent, { recursive: true }));
    // Not recursive: a folder that is there already belongs to another run.
    writing(this.folder, () => mkdirSync(this.folder));
    refuseFullDisk(this.folder);
    this.#writeRun({});
  }

  /** Makes the folder of a trial, with its `meta.json` first; throws RESULTS_NOT_WRITABLE. */
  openTrial(opening: TrialOpening): TrialWriter {
    const { clock, scenario, resultsFolder, version } = this.#options;
    const trialId = uuid7(clock.wallMs(), randomBytes(10));
    const versions = { loadgen: version, node: process.versions.node };
    const { redactedPaths } = scenario;
    const facts = trialFacts(opening, { runId: this.runId, trialId, versions }, redactedPaths);
    const name = trialFolderName(facts.trial, facts.axes, facts.repetition);
    const writer = new TrialWriter({
      folder: join(this.folder, name),
      resultsFolder,
      clock,
      facts,
      about: this.#about,
      effectiveConfig: effectiveConfig(scenario, facts.trial),
      redactedPaths,
      ended: (state, exitCode) => this.#changeTrial(trialId, { state, exitCode }),
    });
    const { trial, axes, repetition } = facts;
    const entry = { trial, trialId, folder: name, axes, state: 'running', exitCode: null } as const;
    const repeated = repetition === undefined ? entry : { ...entry, repetition };
    this.#writeRun({ trials: [...this.#run.trials, repeated] });
    return writer;
  }

  /** Marks the run as ended. */
  close(end: { readonly state: Exclude<State, 'running'>; readonly exitCode: number }): void {
    this.#writeRun({ ...end, endedAt: new Date(this.#options.clock.wallMs()).toISOString() });
  }

  #changeTrial(trialId: string, change: Partial<RunDocument['trials'][number]>): void {
    const changed = this.#run.trials.map((trial) =>
      trial.trialId === trialId ? { ...trial, ...change } : trial,
    );
    this.#writeRun({ trials: changed });
  }

  #writeRun(change: Partial<RunDocument>): void {
    this.#run = { ...this.#run, ...change };
    writeJson(join(this.folder, RUN_FILE), this.#run);
  }
}

function aboutThisMachine({ scenario, workingFolder, environment }: RunFolderOptions): MetaAbout {
  return {
    schema: META_SCHEMA,
    scenarioFile: scenario.file,
    gitCommit: gitCommitOf(workingFolder),
    machine: thisMachine(),
    jobs: jobIds(environment),
    imageDigest: environment['LOADGEN_IMAGE_DIGEST'] ?? null,
  };
}

/** As the scenario room has redacted it. Trials count from 1. */
function effectiveConfig(scenario: ResolvedScenario, trial: number): string {
  return stringify(scenario.trialConfigs?.[trial - 1] ?? scenario.effectiveConfig);
}

function refuseFullDisk(folder: string): void {
  const { bavail, bsize } = writing(folder, () => statfsSync(folder));
  const freeBytes = bavail * bsize;
  if (freeBytes >= LEAST_FREE_BYTES) return;
  const freeMb = Math.floor(freeBytes / 2 ** 20);
  throw notWritable(folder, `only ${freeMb} MiB are free, and a run begins with 32 MiB or more`);
}
