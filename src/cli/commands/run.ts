import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { ExitCode } from '../../base/errors/exit-codes.ts';
import type { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { systemClock, type Clock } from '../../base/time/clock.ts';
import { LiveOutputs } from '../../outputs/live-outputs.ts';
import { outcomeLine, type EndedRun } from '../../reports/format/outcome-line.ts';
import { isReportFormat, loadReport, REPORT_EXTENSIONS } from '../../reports/registry.ts';
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
import type { BaselineComparison } from '../../results/schema/baseline.ts';
import { BaselineGate } from '../baseline-gate.ts';
import type { CommandIo } from '../command-io.ts';
import { knownCeilings } from '../known-ceilings.ts';
import { errorText } from '../error-text.ts';
import { createLiveView, type LiveView } from '../live-view.ts';
import { viewWithOutputs } from '../output-view.ts';
import { printableLines } from '../../reports/format/printable.ts';
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
    for (const one of warnings) io.writeError(printableLines(`${formatProblem(one)}\n`));
  if (shard !== undefined) checkShard(scenario, shard, workers);
  const gate = await BaselineGate.open(options, scenario);
  const { keepSamples = false } = options;
  return withOutputs(scenario, clock, async (outputs) => {
    const folder = openRunFolder({
      resultsFolder: options.results ?? RESULTS_FOLDER,
      scenario,
      clock,
      version: loadgenVersion(),
      workingFolder: process.cwd(),
      environment: io.environment,
    });
    const screen = streamScreen(process.stderr, process.env);
    const view = createLiveView({ screen, clock, quiet: options.quiet });
    const summary = await runToTheEnd({
      scenario,
      folder,
      workers,
      clock,
      shard,
      startAtMs,
      keepSamples,
      ceilingOf: knownCeilings(io.environment),
      view: viewWithOutputs(view, outputs),
      outputs,
      judge: gate && ((trials) => gate.judge(trials, folder.folder)),
    });
    await report({ scenario, folder, summary, options, io, baseline: gate?.comparison });
    return summary.exitCode;
  });
}

/** They are opened before the load, and closed however the run ends. */
async function withOutputs<Result>(
  { outputs: spec = {}, file }: ResolvedScenario,
  clock: Clock,
  work: (outputs: LiveOutputs) => Promise<Result>,
): Promise<Result> {
  const outputs = await LiveOutputs.open(spec, { clock, folder: dirname(file) });
  try {
    return await work(outputs);
  } finally {
    await outputs.close();
  }
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
  readonly baseline: BaselineComparison | undefined;
}

async function report(parts: ReportParts): Promise<void> {
  const { scenario, folder, summary, options, io, baseline } = parts;
  const input = { ...reportInput(summary), baseline };
  if (input.trials.length > 0) {
    for (const format of scenario.report.formats) await writeReport(format, folder, input);
  }
  if (options.json) io.write(`${JSON.stringify(jsonSummary(parts), null, 2)}\n`);
  else if (!options.quiet && input.trials.length > 0) {
    const screen: Screen = streamScreen(process.stdout, process.env);
    io.write((await loadReport('text'))({ ...input, palette: screen.palette }).text);
  }
  for (const { error } of [...summary.trials, summary]) {
    if (error !== undefined) io.writeError(errorText(error, { debug: options.debug }));
  }
  if (options.quiet) return;
  const say = options.json ? io.writeError : io.write;
  say(`${outcomeLine(endedRun(summary, baseline))}\n`);
}

function endedRun(
  { trials, exitCode, error: ofAll }: RunSummary,
  baseline: BaselineComparison | undefined,
): EndedRun {
  return {
    exitCode,
    baseline,
    results: trials.flatMap(({ result }) => result ?? []),
    reasons: [
      ...(ofAll === undefined ? [] : [ofAll.message]),
      ...trials.flatMap(({ result, error }) => {
        return result === undefined && error !== undefined ? [error.message] : [];
      }),
    ],
  };
}

/** Beside the trials: `report.txt`, `report.json`, `report.xml` and so on. */
async function writeReport(format: string, folder: RunFolder, input: ReportInput): Promise<void> {
  if (!isReportFormat(format)) return; // the scenario was checked: cannot be
  const { text } = (await loadReport(format))(input);
  writeDocument(join(folder.folder, `report.${REPORT_EXTENSIONS[format]}`), text);
}

function reportInput({ trials }: Pick<RunSummary, 'trials'>): ReportInput {
  return {
    trials: trials.flatMap(({ result, folder }) =>
      result === undefined ? [] : [{ result, folder }],
    ),
  };
}

function jsonSummary({ folder, summary, baseline }: ReportParts): unknown {
  const { trials, exitCode } = summary;
  return {
    runId: folder.runId,
    folder: folder.folder,
    exitCode,
    trials: trials.map(jsonTrial),
    ...(summary.error !== undefined && { error: jsonError(summary.error) }),
    ...(trials.length > 1 && { points: jsonPoints(trials) }),
    ...(baseline !== undefined && { baseline }),
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
    error: error === undefined ? null : jsonError(error),
  };
}

function jsonError({ code, message, hint }: LoadgenError): unknown {
  return { code, message, hint };
}
