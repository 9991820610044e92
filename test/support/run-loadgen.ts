import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT_CODES } from '../../src/base/errors/exit-codes.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/loadgen.js', import.meta.url));

export interface LoadgenEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

export interface RunningLoadgen {
  readonly process: ChildProcess;
  readonly ended: Promise<LoadgenEnd>;
}

/** A folder of its own for one test. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'loadgen-test-'));
}

/** Starts the real launcher, as a user would. */
export function startLoadgen(
  args: readonly string[],
  options: { readonly folder?: string; readonly descriptorLimit?: number } = {},
): RunningLoadgen {
  const limit = options.descriptorLimit;
  const lowered = limit === undefined ? '' : `ulimit -n ${limit}; `;
  const command = ['-c', `${lowered}exec "$0" "$@"`, process.execPath, LAUNCHER, ...args];
  const child = spawn('bash', command, {
    cwd: options.folder ?? process.cwd(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<LoadgenEnd>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, output, errors }));
  });
  return { process: child, ended };
}

/**
 * Asserts that an open run ended with this code, or as INVALID (90). A machine that is too busy to
 * keep a plan makes it so, rightly: tests that are not about the verdict have no quarrel with it,
 * and hold what they are about against such a run all the same.
 */
export function assertEnded(
  { code, errors }: Pick<LoadgenEnd, 'code' | 'errors'>,
  expected: number,
): void {
  if (code !== EXIT_CODES.runInvalid) assert.equal(code, expected, errors);
}

/** What `loadgen run --json` prints. */
export interface JsonSummary {
  readonly runId: string;
  readonly folder: string;
  readonly exitCode: number;
  readonly trials: readonly {
    readonly folder: string;
    readonly exitCode: number;
    readonly state: string;
    readonly throughputPerSecond: number | null;
    readonly error: { readonly code: string; readonly message: string } | null;
  }[];
}

export interface ScenarioRun extends LoadgenEnd {
  readonly folder: string;
  readonly summary: JsonSummary;
  /** `result.json` of the first trial. */
  readonly result: SavedResult;
}

/** The parts of `result.json` that tests look at. */
export interface SavedResult {
  readonly state: string;
  readonly planHash: string;
  readonly accounts: {
    readonly measure: SavedAccount;
    readonly warmup: SavedAccount | null;
  };
  readonly failureReasons: readonly { reason: string; count: number }[];
  readonly notes: readonly string[];
  readonly verdict: { readonly state: string };
}

export interface SavedAccount {
  readonly due: number;
  readonly started: number;
  readonly unsent: Readonly<Record<string, number>>;
  readonly attempted: number;
  readonly operations: Readonly<Record<string, number>>;
  readonly inFlight: number;
}

/** Writes a scenario into a folder of its own; returns the folder. */
export function scenarioFolder(scenario: string, files: Record<string, string> = {}): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'scenario.yaml'), scenario);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Runs a scenario to its end with `--json` and reads what it left. */
export async function runScenario(
  scenario: string,
  options: { readonly args?: readonly string[]; readonly files?: Record<string, string> } = {},
): Promise<ScenarioRun> {
  const folder = scenarioFolder(scenario, options.files);
  const args = ['run', 'scenario.yaml', '--json', '--quiet', ...(options.args ?? [])];
  const end = await startLoadgen(args, { folder }).ended;
  const summary = end.output === '' ? undefined : (JSON.parse(end.output) as JsonSummary);
  const trial = summary?.trials[0]?.folder;
  return {
    ...end,
    folder,
    summary: summary as JsonSummary,
    result: (trial && readResult(join(folder, trial))) as SavedResult,
  };
}

function readResult(trial: string): SavedResult | undefined {
  try {
    return JSON.parse(readFileSync(join(trial, 'result.json'), 'utf8')) as SavedResult;
  } catch {
    return undefined;
  }
}
