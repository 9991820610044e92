import { availableParallelism } from 'node:os';
import { EXIT_CODES, worstExitCode, type ExitCode } from '../../base/errors/exit-codes.ts';
import { systemClock } from '../../base/time/clock.ts';
import type { SurroundingPhase } from '../../measure/metrics/outcome.ts';
import { printableLines } from '../../reports/format/printable.ts';
import { preparationText } from '../../reports/preparation-text.ts';
import { preparationRecord } from '../../results/part-records.ts';
import { prepareAlone, type PreparedAlone } from '../../run/runner/preparation/prepare-alone.ts';
import { StopRequests } from '../../run/runner/stop-requests.ts';
import { formatProblem } from '../../scenario/problem.ts';
import { resolveScenario } from '../../scenario/resolve-scenario.ts';
import type { ResolvedScenario } from '../../scenario/resolved.ts';
import type { CommandIo } from '../command-io.ts';
import { scenarioRequest } from '../scenario-request.ts';
import { streamScreen } from '../screen.ts';
import type { PrepareOptions } from './run-options.ts';

/** `loadgen prepare FILE` and `loadgen cleanup FILE`. */
export async function prepareCommand(
  phase: SurroundingPhase,
  options: PrepareOptions,
  io: CommandIo,
): Promise<ExitCode> {
  const { scenario, warnings } = await resolveScenario(scenarioRequest(options.file, options, io));
  const say = (text: string): void => {
    if (!options.quiet) io.writeError(`${printableLines(text)}\n`);
  };
  for (const warning of warnings) say(formatProblem(warning));
  const { prepared, isStopped } = await stoppable(scenario, phase, { options, say });
  const exitCode = worstExitCode([
    ...(isStopped ? [EXIT_CODES.interrupted] : []),
    ...prepared.thresholds.map(({ status }) =>
      status === 'passed' ? EXIT_CODES.ok : EXIT_CODES.thresholdsFailed,
    ),
  ]);
  print(phase, { prepared, exitCode, options, io });
  return exitCode;
}

/** With Ctrl+C to stop it: once waits for the answers that are open, twice does not. */
async function stoppable(
  scenario: ResolvedScenario,
  phase: SurroundingPhase,
  { options, say }: { readonly options: PrepareOptions; say(text: string): void },
): Promise<{ prepared: PreparedAlone; isStopped: boolean }> {
  const stop = new StopRequests();
  const onSignal = (): void => stop.raise();
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const prepared = await prepareAlone(scenario, phase, {
      workers: options.workers ?? Math.max(1, availableParallelism() - 1),
      clock: systemClock,
      stop,
      observer: { status: say },
    });
    return { prepared, isStopped: stop.drain };
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

interface Printed {
  readonly prepared: PreparedAlone;
  readonly exitCode: ExitCode;
  readonly options: PrepareOptions;
  readonly io: CommandIo;
}

function print(phase: SurroundingPhase, { prepared, exitCode, options, io }: Printed): void {
  const offsetMs = systemClock.wallMs() - systemClock.nowNs() / 1e6;
  const preparations = prepared.records.map((record) =>
    preparationRecord(record, {
      known: new Map(),
      timestampOf: (clockNs) => new Date(offsetMs + clockNs / 1e6).toISOString(),
    }),
  );
  const thresholds = prepared.thresholds.map(({ observed = null, reason = null, ...rest }) => {
    return { ...rest, observed, reason };
  });
  if (options.json) {
    io.write(`${JSON.stringify({ phase, exitCode, preparations, thresholds }, undefined, 2)}\n`);
  } else if (!options.quiet) {
    const { palette } = streamScreen(process.stdout, io.environment);
    io.write(preparationText({ phase, preparations, thresholds }, palette));
  }
}
