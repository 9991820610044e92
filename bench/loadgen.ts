import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MetricStore } from '../src/measure/metrics/metric-store.ts';
import { measuredSource } from '../src/reports/measured-source.ts';
import { readResult } from '../src/results/read/read-result.ts';
import type { Result } from '../src/results/schema/result.ts';
import { runPinned } from './processes.ts';

const resultsFolder = mkdtempSync(join(tmpdir(), 'loadgen-bench-'));

export interface LoadgenRun {
  readonly result: Result;
  readonly measured: MetricStore;
  /** User and system time of the whole process, in seconds. */
  readonly cpuSeconds: number;
}

/** Runs a scenario of `bench/scenarios` with one worker, the whole process on the client's core. */
export async function runLoadgen(
  scenario: string,
  url: string,
  settings: readonly string[] = [],
): Promise<LoadgenRun> {
  const { output, cpuSeconds, code } = await runPinned([
    process.execPath,
    'bin/loadgen.js',
    'run',
    `bench/scenarios/${scenario}.yaml`,
    `--target=server=${url}`,
    ...settings.map((setting) => `--set=${setting}`),
    '--workers=1',
    `--results=${resultsFolder}`,
    '--json',
    '--quiet',
  ]);
  if (code !== 0) throw new Error(`loadgen ended with ${code}: ${output}`);
  const { folder } = JSON.parse(output) as { folder: string };
  const result = (await readResult(folder)).trials[0]!.result;
  return { result, measured: measuredSource(result), cpuSeconds };
}
