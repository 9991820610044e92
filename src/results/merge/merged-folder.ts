import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Clock } from '../../base/time/clock.ts';
import { META_SCHEMA } from '../schema/meta.ts';
import type { Result } from '../schema/result.ts';
import { RUN_SCHEMA, type RunDocument } from '../schema/run.ts';
import type { TrialFacts } from '../schema/trial-facts.ts';
import { RUN_FILE } from '../trial-files.ts';
import { runFolderName, scenarioFolderName, trialFolderName } from '../write/folder-names.ts';
import { writing } from '../write/not-writable.ts';
import { TrialWriter } from '../write/trial-writer.ts';
import { uuid7 } from '../write/uuid7.ts';
import { writeJson } from '../write/write-document.ts';
import type { ReadShard } from './read-shards.ts';

export interface MergedPlace {
  /** Where run folders are, unless `output` names one. */
  readonly resultsFolder: string;
  readonly output?: string | undefined;
  /** The time of this call. */
  readonly nowMs: number;
}

/** The folder of a merged run: the same files as those of an ordinary one. */
export class MergedFolder {
  readonly folder: string;
  readonly runId: string;
  readonly #place: MergedPlace;
  #run: RunDocument;

  constructor(place: MergedPlace, scenario: string, startedMs: number) {
    this.#place = place;
    this.runId = uuid7(place.nowMs, randomBytes(10));
    const parent = join(place.resultsFolder, scenarioFolderName(scenario));
    this.folder = place.output ?? join(parent, runFolderName(startedMs, this.runId));
    this.#run = {
      schema: RUN_SCHEMA,
      runId: this.runId,
      scenario,
      state: 'running',
      startedAt: new Date(startedMs).toISOString(),
      endedAt: null,
      exitCode: null,
      trialCount: 1,
      trials: [],
    };
    writing(this.folder, () => {
      mkdirSync(dirname(this.folder), { recursive: true });
      // Not recursive: a folder that is there already belongs to another run.
      mkdirSync(this.folder);
    });
    this.#write({});
  }

  /** `reference`: whose scenario, machine and version stand for all. */
  openTrial(facts: TrialFacts, reference: ReadShard, clock: Clock): TrialWriter {
    const { trial, trialId, axes } = facts;
    const name = trialFolderName(trial, axes);
    const { scenarioFile, gitCommit, machine, jobs, imageDigest } = reference.meta;
    const entry = { trial, trialId, folder: name, axes, state: 'running', exitCode: null } as const;
    this.#write({ trials: [entry] });
    return new TrialWriter({
      folder: join(this.folder, name),
      resultsFolder:
        this.#place.output === undefined ? this.#place.resultsFolder : dirname(this.folder),
      clock,
      facts,
      about: { schema: META_SCHEMA, scenarioFile, gitCommit, machine, jobs, imageDigest },
      effectiveConfig: reference.configText,
      redactedPaths: [],
      ended: (state, exitCode) => this.#write({ trials: [{ ...entry, state, exitCode }] }),
    });
  }

  close(state: Result['state'], exitCode: number, endedMs: number): void {
    this.#write({ state, exitCode, endedAt: new Date(endedMs).toISOString() });
  }

  newTrialId(): string {
    return uuid7(this.#place.nowMs, randomBytes(10));
  }

  #write(change: Partial<RunDocument>): void {
    this.#run = { ...this.#run, ...change };
    writeJson(join(this.folder, RUN_FILE), this.#run);
  }
}
