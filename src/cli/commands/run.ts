import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../../base/errors/exit-codes.ts';
import { systemClock } from '../../base/time/clock.ts';
import { isReportFormat, loadReport } from '../../reports/registry.ts';
import type { ReportInput } from '../../reports/report.ts';
import { sweepPoints } from '../../reports/sweep-points.ts';
import { openRunFolder, type RunFolder } from '../../results/run-folder.ts';
import { writeDocument } from '../../results/write/write-document.ts';
import type { TrialSummary } from '../../run/runner/record-trial.ts';
import { runScenario, type RunParts, type RunSummary } from '../../run/runner/run-scenario.ts';
import { checkShard } from '../../run/runner/shard-checks.ts';
import { StopRequests } from '../../run/runner/stop-requests.ts';
import { resolveScenario } from '../../scenario/resolve-scenario.ts';
import { formatProblem } from '../../scenario/problem.ts';
import type { ResolvedScenario } from '../../scenario/resolved.ts';
import type { CommandIo } from '../command-io.ts';
import { knownCeilings } from '../known-ceilings.ts';
import { errorText } from '../error-text.ts';
import { createLiveView, type LiveView } from '../live-view.ts';
import { printable } from '../printable.ts';
import { scenarioRequest } from '../scenario-request.ts';
import { parseShard, parseStart } from '../shard-options.ts';
import { streamScreen, type Screen } from '../screen.ts';
import { loadgenVersion } from '../version.ts';
import type { RunOptions } from './run-options.ts';

const RESULTS_FOLDER = 'results';

/** `loadgen run FILE`: the live view on standard error, what was asked for on standard output. */
export async function runCommand(options: RunOptions, io: CommandIo): Promise<ExitCode> {
  const clock = systemClock;
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const startAtMs = options.startAt === undefined ? undefined : parseStart(options.startAt, clock);
  const workers = options.workers ?? Math.max(1, availableParallelism() - 1);
  const request = scenarioRequest(options.file, options, io);
  const { scenario, warnings } = await resolveScenario(request);
  if (!options.quiet)
    for (const one of warnings) io.writeError(printable(`${formatProblem(one)}\n`));
  if (shard !== undefined) checkShard(scenario, shard, workers);
  const folder = openRunFolder({
    resultsFolder: options.results ?? RESULTS_FOLDER,
    scenario,
    clock,
    version: loadgenVersion(),
    workingFolder: process.cwd(),
    environment: io.environment,
  });
  const view = createLiveView({
    screen: streamScreen(process.stderr, process.env),
    clock,
    quiet: options.quiet,
  });
  const { keepSamples = false } = options;
  const summary = await runToTheEnd({
    scenario,
    folder,
    workers,
    clock,
    shard,
    startAtMs,
    keepSamples,
    ceilingOf: knownCeilings(io.environment),
    view,
  });
  await report({ scenario, folder, summary, options, io });
  return summary.exitCode;
}

/** With Ctrl+C to stop it: once waits for the answers that are open, twice does not. */
export async function runToTheEnd(
  parts: Omit<RunParts, 'stop' | 'observer'> & { readonly view: LiveView },
): Promise<RunSummary> {
  const { view, ...run } = parts;
  const stop = new StopRequests();
  const onSignal = (): void => {
    stop.raise();
    view.status(
      stop.atOnce
        ? 'Stopping at once …'
        : 'Stopping: waiting for the answers that are open; once more stops at once.',
    );
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await runScenario({ ...run, stop, observer: view });
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    view.close();
  }
}

interface ReportParts {
  readonly scenario: ResolvedScenario;
  readonly folder: RunFolder;
  readonly summary: RunSummary;
  readonly options: RunOptions;
  readonly io: CommandIo;
}

async function report(parts: ReportParts): Promise<void> {
  const { scenario, folder, summary, options, io } = parts;
  const input = reportInput(summary);
  if (input.trials.length > 0) {
    for (const format of scenario.report.formats) await writeReport(format, folder, input);
  }
  if (options.json) io.write(`${JSON.stringify(jsonSummary(folder, summary), null, 2)}\n`);
  else if (!options.quiet && input.trials.length > 0) {
    const screen: Screen = streamScreen(process.stdout, process.env);
    io.write((await loadReport('text'))({ ...input, palette: screen.palette }).text);
  }
  for (const { error } of summary.trials) {
    if (error !== undefined) io.writeError(errorText(error, { debug: options.debug }));
  }
}

/** Beside the trials: `report.txt`, `report.json`, `report.xml`. */
async function writeReport(format: string, folder: RunFolder, input: ReportInput): Promise<void> {
  if (!isReportFormat(format)) return; // the scenario was checked: cannot be
  const extension = { text: 'txt', json: 'json', junit: 'xml' }[format];
  const { text } = (await loadReport(format))(input);
  writeDocument(join(folder.folder, `report.${extension}`), text);
}

function reportInput({ trials }: Pick<RunSummary, 'trials'>): ReportInput {
  return {
    trials: trials.flatMap(({ result, folder }) =>
      result === undefined ? [] : [{ result, folder }],
    ),
  };
}

function jsonSummary(folder: RunFolder, { trials, exitCode }: RunSummary): unknown {
  return {
    runId: folder.runId,
    folder: folder.folder,
    exitCode,
    trials: trials.map(jsonTrial),
    ...(trials.length > 1 && { points: jsonPoints(trials) }),
  };
}

/** Of a sweep or of repetitions: every point over its trials. */
function jsonPoints(trials: readonly TrialSummary[]): unknown {
  return sweepPoints(reportInput({ trials }).trials).map(({ trials: own, ...point }) => ({
    ...point,
    trials: own.map(({ result }) => result.trial),
  }));
}

function jsonTrial({ folder, result, exitCode, error }: TrialSummary): unknown {
  return {
    folder,
    exitCode,
    state: result?.state ?? 'incomplete',
    axes: result?.axes ?? {},
    ...(result?.repetition !== undefined && { repetition: result.repetition }),
    verdict: result?.verdict.state ?? null,
    throughputPerSecond: result?.throughput.operationsPerSecond ?? null,
    thresholds: result?.thresholds ?? [],
    ...(result?.aborted !== undefined && { aborted: result.aborted }),
    error:
      error === undefined ? null : { code: error.code, message: error.message, hint: error.hint },
  };
}
