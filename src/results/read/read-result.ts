import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';
import { baselineSchema, type BaselineComparison } from '../schema/baseline.ts';
import { metaSchema, type Meta } from '../schema/meta.ts';
import { resultSchema, type Result } from '../schema/result.ts';
import { runSchema, type RunDocument } from '../schema/run.ts';
import { BASELINE_FILE, RUN_FILE, TRIAL_FILES } from '../trial-files.ts';
import { rebuildResult } from './rebuild-result.ts';

/** What a result folder holds. */
export interface ReadRun {
  /** Undefined where the folder of one trial was read. */
  readonly run: RunDocument | undefined;
  readonly trials: readonly ReadTrial[];
  /** How the run stood to a baseline, where it was held against one. */
  readonly baseline?: BaselineComparison;
}

export interface ReadTrial {
  readonly folder: string;
  readonly result: Result;
}

/**
 * Reads the folder of a run, the folder of a trial, or a `result.json`. A trial that was killed is
 * rebuilt from what it had written, and marked as incomplete. Throws RESULT_NOT_READABLE.
 */
export async function readResult(path: string): Promise<ReadRun> {
  if (isFile(path) && basename(path) === TRIAL_FILES.result) {
    const trial = { folder: dirname(path), result: readResultFile(path) };
    return { run: undefined, trials: [trial] };
  }
  if (existsSync(join(path, RUN_FILE))) return readRun(path);
  if (isTrialFolder(path)) return { run: undefined, trials: [await readTrial(path)] };
  throw notReadable(path, existsSync(path) ? 'it has neither run.json nor meta.json' : 'no such folder');
}

async function readRun(folder: string): Promise<ReadRun> {
  const run = readDocument(join(folder, RUN_FILE), runSchema, 'loadgen/run');
  // By their folders and not by run.json, which a kill may have kept from naming the last one.
  const names = readdirSync(folder).filter((name) => isTrialFolder(join(folder, name)));
  if (names.length === 0) throw notReadable(folder, 'the run ended before its first trial began');
  const trials: ReadTrial[] = [];
  for (const name of names.toSorted()) trials.push(await readTrial(join(folder, name)));
  trials.sort((one, other) => one.result.trial - other.result.trial);
  const file = join(folder, BASELINE_FILE);
  if (!existsSync(file)) return { run, trials };
  return { run, trials, baseline: readDocument(file, baselineSchema, 'loadgen/baseline') };
}

async function readTrial(folder: string): Promise<ReadTrial> {
  const file = join(folder, TRIAL_FILES.result);
  if (existsSync(file)) return { folder, result: readResultFile(file) };
  return { folder, result: await rebuildResult(folder, readMeta(folder)) };
}

/** The `meta.json` of a trial; throws RESULT_NOT_READABLE. */
export function readMeta(folder: string): Meta {
  return readDocument(join(folder, TRIAL_FILES.meta), metaSchema, 'loadgen/meta');
}

function readResultFile(path: string): Result {
  return readDocument(path, resultSchema, 'loadgen/result');
}

/** Fields that are not known are left out; a document of another major version is refused. */
function readDocument<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  name: string,
): z.output<Schema> {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw notReadable(path, reasonOf(thrown), thrown);
  }
  const version = versionOf(document);
  if (version !== `${name}@1`) {
    throw notReadable(path, `its schema is ${version ?? 'not named'}; this loadgen reads ${name}@1`);
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw notReadable(path, `${issue.path.join('.')}: ${issue.message}`);
}

function versionOf(document: unknown): string | undefined {
  if (typeof document !== 'object' || document === null || !('schema' in document)) return undefined;
  return typeof document.schema === 'string' ? document.schema : undefined;
}

function isTrialFolder(path: string): boolean {
  return existsSync(join(path, TRIAL_FILES.meta)) || existsSync(join(path, TRIAL_FILES.result));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function notReadable(path: string, reason: string, cause?: unknown): LoadgenError {
  return new LoadgenError('RESULT_NOT_READABLE', { path, reason }, { cause });
}
