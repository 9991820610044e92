import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetricStore } from '../src/measure/metrics/metric-store.ts';
import { measuredSource } from '../src/reports/measured-source.ts';
import { readResult } from '../src/results/read/read-result.ts';
import type { Result } from '../src/results/schema/result.ts';
import { runPinned, type Cost, type Watch } from './machine/pinned.ts';

const resultsFolder = mkdtempSync(join(tmpdir(), 'loadgen-bench-'));

/** The run's own verdict may be INVALID (90): its figures are reported with it. */
const FINISHED = [0, 90];

export interface LoadgenRun {
  readonly result: Result;
  readonly measured: MetricStore;
  /** Of the trial. */
  readonly folder: string;
  /** Of the whole process, from its start to its end. */
  readonly cost: Cost;
  /** In warm-up and measured phase. */
  readonly operations: number;
}

export interface LoadgenOptions {
  /** `--set`. */
  readonly settings?: readonly string[];
  readonly workers?: number;
  /** `--samples` */
  readonly samples?: boolean;
  readonly watch?: Watch;
}

/** Runs a scenario of `bench/scenarios`, the whole process on the client's core. */
export async function runLoadgen(
  scenario: string,
  url: string,
  options: LoadgenOptions = {},
): Promise<LoadgenRun> {
  const finished = await runPinned(loadgenCommand(scenario, url, options), options.watch);
  if (!FINISHED.includes(finished.code)) {
    throw new Error(`loadgen ended with ${finished.code}: ${finished.output}${finished.errors}`);
  }
  const run = JSON.parse(finished.output) as { folder: string };
  const { result, folder } = (await readResult(run.folder)).trials[0]!;
  const { warmup, measure } = result.accounts;
  const operations = measure.attempted + (warmup?.attempted ?? 0);
  return { result, folder, measured: measuredSource(result), cost: finished, operations };
}

/** With one worker, where nothing else is asked for. */
export function loadgenCommand(
  scenario: string,
  url: string,
  { settings = [], workers = 1, samples = false }: LoadgenOptions,
): string[] {
  return [
    process.execPath,
    'bin/loadgen.js',
    'run',
    `bench/scenarios/${scenario}.yaml`,
    `--target=server=${url}`,
    ...settings.map((setting) => `--set=${setting}`),
    `--workers=${workers}`,
    `--results=${resultsFolder}`,
    ...(samples ? ['--samples'] : []),
    '--json',
    '--quiet',
  ];
}

/** Operations that were not answered ok. */
export function failedOperations({ accounts }: Result): number {
  return accounts.measure.attempted - (accounts.measure.operations['ok'] ?? 0);
}
