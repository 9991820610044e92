import { EXIT_CODES, type ExitCode } from '../../base/errors/exit-codes.ts';
import { systemClock } from '../../base/time/clock.ts';
import { loadReport } from '../../reports/registry.ts';
import { mergeShards } from '../../results/merge/merge-shards.ts';
import type { CommandIo } from '../command-io.ts';
import { streamScreen } from '../screen.ts';

export interface MergeOptions {
  /** The folder to make. */
  readonly output?: string;
  /** Where a new one is made otherwise. */
  readonly results: string;
  readonly json?: boolean;
}

/** `loadgen merge DIR...`: one result of the shards of a run, from their folders alone. */
export async function mergeCommand(
  folders: readonly string[],
  { output, results, json }: MergeOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const merged = await mergeShards(folders, {
    resultsFolder: results,
    output,
    nowMs: systemClock.wallMs(),
  });
  const { runId, folder, trialFolder, result } = merged;
  if (json === true) {
    const { state, exitCode, thresholds, verdict, shards } = result;
    const summary = { runId, folder, trialFolder, state, exitCode, verdict, thresholds, shards };
    io.write(`${JSON.stringify(summary, undefined, 2)}\n`);
  } else {
    const { palette } = streamScreen(process.stdout, io.environment);
    const text = await loadReport('text');
    io.write(text({ trials: [{ result, folder: trialFolder }], palette }).text);
  }
  return (result.exitCode ?? EXIT_CODES.ok) as ExitCode;
}
