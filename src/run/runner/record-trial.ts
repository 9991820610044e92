import { EXIT_CODES, worstExitCode, type ExitCode } from '../../base/errors/exit-codes.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Clock } from '../../base/time/clock.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import type { Share } from '../../load/pacing/share.ts';
import { planHash } from '../../load/executors/plan-hash.ts';
import { laneTags } from '../../iteration/data-tags.ts';
import { ownDeclarations } from '../../iteration/own-metrics.ts';
import type { SamplesHeader } from '../../results/schema/samples.ts';
import { sumSamples } from '../../measure/monitors/sum-samples.ts';
import { samplesOf } from '../../measure/validity/second-evidence.ts';
import { checkAccount } from '../../measure/metrics/account.ts';
import { MEASURE, WARMUP } from '../../measure/metrics/outcome.ts';
import type { ThresholdResult } from '../../measure/thresholds/evaluate-thresholds.ts';
import type { OutputAccount } from '../../outputs/delivery-count.ts';
import type { LiveOutputs } from '../../outputs/live-outputs.ts';
import type { RunFolder } from '../../results/run-folder.ts';
import type { Result } from '../../results/schema/result.ts';
import type { TrialFacts } from '../../results/schema/trial-facts.ts';
import type { PreparationOutcome, TrialOutcome } from '../../results/trial-outcome.ts';
import { SampleLog } from '../../results/write/sample-log.ts';
import type { TrialWriter } from '../../results/write/trial-writer.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import { judgeTrial } from './judge-trial.ts';
import { CeilingUse, type CeilingOf } from './ceiling-use.ts';
import { failureReasonsOf } from './failure-reasons.ts';
import { findNeighbors } from './find-neighbors.ts';
import type { RunObserver } from './observer.ts';
import { failureOf, measuredAround, type Preparation } from './preparation/preparation.ts';
import type { RunServers } from './run-servers.ts';
import { runTrial, type TrialEnd } from './run-trial.ts';
import { TrialJudge } from './trial-judge.ts';
import { shardOpening, untilNearStart } from './shard-start.ts';
import { ServerMonitors } from './server-monitors.ts';
import { ServerWatch } from './server-watch.ts';
import type { StopRequests } from './stop-requests.ts';
import type { StorageLooks } from './storage-looks.ts';

export interface TrialSummary {
  readonly folder: string;
  /** Undefined where the trial came to no result. */
  readonly result: Result | undefined;
  readonly exitCode: ExitCode;
  readonly error: LoadgenError | undefined;
}

export interface RecordedTrialParts {
  readonly folder: RunFolder;
  readonly workers: number;
  /** This process among those that carry the plan, from 0. */
  readonly shard: Share;
  /** S on the wall clock, where it is asked for. */
  readonly startAtMs?: number | undefined;
  /** Whether the raw log of all operations is to be written. */
  readonly keepSamples: boolean;
  readonly ceilingOf?: CeilingOf;
  readonly clock: Clock;
  readonly stop: StopRequests;
  readonly observer: RunObserver;
  readonly trial: ResolvedTrial;
  readonly trialCount: number;
  /** A trial before this one may have changed what was prepared. */
  readonly isUsed?: boolean;
  /** Live outputs, asked at the end of a trial how they fared. */
  readonly outputs?: Pick<LiveOutputs, 'settle'> | undefined;
  readonly definitions: ReadonlyMap<string, DriverDefinition>;
  readonly servers: RunServers;
  readonly preparation: Preparation;
  readonly storage: StorageLooks;
  /** Whether nothing uses any more what was prepared for this trial, if it ends like this. */
  isLast(end: Pick<TrialSummary, 'exitCode' | 'error'>): boolean;
  /** Remarks on how it is run. */
  readonly notes: readonly string[];
  /** Where the lines that started servers print shall go. */
  onOutput(listener: (server: string, line: string) => void): void;
}

/** Runs one trial and writes its folder, whatever happens on the way. */
export async function recordTrial(parts: RecordedTrialParts): Promise<TrialSummary> {
  const { trial, trialCount, workers, folder } = parts;
  const opening = { trial, trialCount, workers, planHash: null, startedServers: [] };
  const writer = folder.openTrial(opening);
  parts.onOutput((server, line) => writer.logger.info({ server }, line));
  try {
    await findNeighbors(trial, parts);
    return await runAndWrite(parts, writer);
  } catch (thrown) {
    const error = LoadgenError.from(thrown);
    writer.logger.error({ code: error.code }, error.message);
    const exitCode = worstExitCode([error.exitCode, await cleanUpAfter(parts, writer)]);
    writer.abandon(exitCode);
    return { folder: writer.folder, result: undefined, exitCode, error };
  }
}

/** Behind a trial without a result; the error that it ended with is the one to report. */
async function cleanUpAfter(parts: RecordedTrialParts, writer: TrialWriter): Promise<ExitCode> {
  try {
    const failed = failureOf(await parts.preparation.after());
    if (failed !== undefined) throw failed;
    return EXIT_CODES.ok;
  } catch (thrown) {
    const error = LoadgenError.from(thrown);
    writer.logger.error({ code: error.code }, error.message);
    return error.exitCode;
  }
}

async function runAndWrite(parts: RecordedTrialParts, writer: TrialWriter): Promise<TrialSummary> {
  const { workers, trialCount, servers, observer, folder } = parts;
  const trial = await servers.up(parts.trial);
  const started = Object.values(trial.targets).filter((target) => servers.of(target));
  writer.begin({
    trial,
    trialCount,
    workers,
    planHash: planHash(trial.flows, trial.seed),
    startedServers: started.map(({ name }) => name),
    ...shardOpening(parts, trial),
  });
  const prepared = await parts.preparation.before(trial);
  observer.trialStarted(trial, { trialCount, workers, folder: folder.folder });
  const first = prepared.find(({ phase }) => phase === 'prepare')?.trial ?? 1;
  const isUsed = first < trial.trial;
  const measured = await measure({ ...parts, trial, isUsed }, writer);
  observer.trialEnded();
  const judged = await judgeAndCleanUp({ ...parts, trial }, measured, prepared);
  const result = writer.finish(finishedOutcome({ ...parts, trial }, measured, judged));
  return { folder: writer.folder, result, exitCode: judged.exitCode, error: judged.error };
}

/** What came of the load itself. */
interface MeasuredTrial {
  readonly end: TrialEnd;
  readonly judge: TrialJudge;
  readonly ceiling: CeilingUse | undefined;
  readonly watch: ServerWatch;
  readonly serverMonitors: ServerMonitors;
  readonly serverUse: NonNullable<TrialOutcome['serverUse']>;
  readonly outputs: readonly OutputAccount[];
}

async function measure(parts: RecordedTrialParts, writer: TrialWriter): Promise<MeasuredTrial> {
  const { trial, workers, servers, observer } = parts;
  const watch = new ServerWatch(trial, servers, parts.clock);
  const ceiling = CeilingUse.of(parts.ceilingOf?.(trial), workers);
  const judge = new TrialJudge(trial, (text) => observer.status(text));
  const samples = parts.keepSamples
    ? new SampleLog(writer.folder, workers, lanesOf(trial, parts.definitions))
    : undefined;
  const serverMonitors = await ServerMonitors.open(parts, parts.shard.index);
  const around = { trial, writer, watch, ceiling, judge, samples, serverMonitors };
  const end = await untilNearStart(parts)
    .then(() => runWatched(parts, around))
    .finally(() => serverMonitors.close());
  serverMonitors.finish(end.collector.total);
  samples?.close();
  writer.note({
    clock: end.clockRecord as TrialFacts['clock'],
    samples: samples && { recorded: samples.recorded, dropped: end.samplesDropped },
  });
  const [serverUse, outputs = []] = await Promise.all([watch.use(), parts.outputs?.settle()]);
  return { end, judge, ceiling, watch, serverMonitors, serverUse, outputs };
}

interface JudgedTrial {
  readonly verdict: Result['verdict'];
  readonly thresholds: readonly ThresholdResult[];
  readonly preparations: readonly PreparationOutcome[];
  readonly error: LoadgenError | undefined;
  readonly exitCode: ExitCode;
}

/** Whether it is cleaned up hangs on how the trial ended, and how it ended on that in turn. */
async function judgeAndCleanUp(
  parts: RecordedTrialParts,
  { end, judge }: MeasuredTrial,
  prepared: readonly PreparationOutcome[],
): Promise<JudgedTrial> {
  const { total } = end.collector;
  const rules = judge.brokenRules(total);
  const verdict = judgeTrial(parts.trial, end, { workers: parts.workers, rules });
  const judgedWith = (preparations: readonly PreparationOutcome[]): JudgedTrial => {
    const thresholds = judge.results(total, measuredAround(preparations));
    const isPassed = judge.aborted === undefined && thresholds.every(isPassing);
    const error = end.error ?? accountError(end) ?? failureOf(preparations);
    const exitCode = exitCodeOf(parts, { isPassed, verdict, error });
    return { verdict, thresholds, preparations, error, exitCode };
  };
  const judged = judgedWith(prepared);
  if (!parts.isLast(judged)) return judged;
  return judgedWith([...prepared, ...(await parts.preparation.after())]);
}

function finishedOutcome(
  parts: RecordedTrialParts,
  { end, judge, ceiling, watch, serverMonitors, serverUse, outputs }: MeasuredTrial,
  { verdict, thresholds, preparations, error, exitCode }: JudgedTrial,
): TrialOutcome {
  return {
    ...outcomeOf(parts, end),
    ...(judge.aborted !== undefined && { state: 'incomplete', aborted: judge.aborted }),
    verdict,
    generator: sumSamples(samplesOf(end.seconds)),
    exitCode,
    thresholds,
    ...(preparations.length > 0 && { preparations }),
    ...(judge.stages.length > 0 && { stages: judge.stages }),
    statistics: judge.statistics(),
    ...(ceiling && { ceiling: ceiling.use(end.collector.total) }),
    notes: [
      ...notesOf(error),
      ...watch.notes,
      ...serverMonitors.notes,
      ...outputs.flatMap(outputNote),
      ...clockNotes(end),
      ...preparationNotes(parts, preparations),
      ...remarksOn(parts.trial),
    ],
    serverUse,
    serverLooks: serverMonitors.looks,
    storage: parts.storage.of(parts.trial, preparations, end.collector.total),
    worstAnswers: end.worstAnswers,
    answerDigests: end.answerDigests,
    ...(outputs.length > 0 && { outputs }),
  };
}

/** All that looks on while the load of a trial runs. */
interface Onlookers {
  readonly trial: ResolvedTrial;
  readonly writer: TrialWriter;
  readonly watch: ServerWatch;
  readonly ceiling: CeilingUse | undefined;
  readonly judge: TrialJudge;
  readonly samples: SampleLog | undefined;
  readonly serverMonitors: ServerMonitors;
}

function runWatched(parts: RecordedTrialParts, onlookers: Onlookers): Promise<TrialEnd> {
  const { trial, writer, watch, ceiling, judge, samples, serverMonitors } = onlookers;
  return runTrial({
    ...parts,
    trial,
    loadStarts: (start) => writer.note({ clock: { start, steps: [], driftMs: 0 } }),
    samples,
    interval: (row, { total, load, monitors }) => {
      serverMonitors.interval(row, total);
      writer.interval(row, monitors);
      ceiling?.interval(row);
      return judge.interval(row, total, load);
    },
    measureBegan() {
      watch.measureBegan();
      serverMonitors.measureBegan();
    },
    loadEnded() {
      watch.loadEnded();
      return serverMonitors.loadEnded();
    },
  });
}

function lanesOf(
  { flows }: ResolvedTrial,
  definitions: RecordedTrialParts['definitions'],
): SamplesHeader['lanes'] {
  return flows.flatMap((flow) =>
    flow.steps.flatMap((step) => {
      const { phases } = definitions.get(step.driver)!;
      const values = [...phases, ...ownDeclarations(step)].map(({ name }) => name);
      return laneTags(step).map(() => ({ flow: flow.name, step: step.name, values }));
    }),
  );
}

function outcomeOf(
  parts: RecordedTrialParts,
  end: TrialEnd,
): Omit<TrialOutcome, 'exitCode' | 'thresholds'> {
  const { trial } = parts;
  const { collector, control } = end;
  const tailShare = tailShareOf(trial, end);
  return {
    state: stateOf(parts, end),
    phases: phasesOf(end),
    metrics: collector.total,
    accounts: {
      measure: collector.account(MEASURE),
      ...(trial.flows.some(({ load }) => load.warmup) && { warmup: collector.account(WARMUP) }),
    },
    failureReasons: failureReasonsOf(end.reports),
    ...(tailShare !== undefined && Number.isFinite(control.phaseStartNs(MEASURE)) && { tailShare }),
  };
}

function stateOf({ stop }: RecordedTrialParts, end: TrialEnd): Result['state'] {
  if (stop.drain) return 'interrupted';
  return end.error === undefined ? 'complete' : 'incomplete';
}

function phasesOf({ collector, control, measureEndNs, endedNs }: TrialEnd): TrialOutcome['phases'] {
  const startNs = control.phaseStartNs(WARMUP);
  const t0Ns = control.phaseStartNs(MEASURE);
  const warmup = { phase: 'warmup', startNs, endNs: Math.min(t0Ns, endedNs) } as const;
  const measure = { phase: 'measure', startNs: t0Ns, endNs: measureEndNs } as const;
  const drain = { phase: 'drain', startNs: measureEndNs, endNs: endedNs } as const;
  const doneNs = collector.lastDoneNs(MEASURE);
  return [warmup, measure, ...(doneNs > measureEndNs ? [drain] : [])].filter(
    (phase) => Number.isFinite(phase.startNs) && phase.endNs > phase.startNs,
  );
}

/** Of a load that ends by count: the share of its time in which VUs had nothing left to do. */
function tailShareOf(trial: ResolvedTrial, end: TrialEnd): number | undefined {
  const { control, measureEndNs } = end;
  const ranOutNs = trial.flows.map((_, flow) => control.ranOutNs(flow));
  if (ranOutNs.length !== 1 || ranOutNs[0] === undefined) return undefined;
  const wholeNs = measureEndNs - control.phaseStartNs(MEASURE);
  return wholeNs > 0 ? Math.max(0, measureEndNs - ranOutNs[0]) / wholeNs : undefined;
}

function accountError({ collector }: TrialEnd): LoadgenError | undefined {
  for (const phase of [WARMUP, MEASURE]) {
    const identity = checkAccount(collector.account(phase), true);
    if (identity !== undefined) return new LoadgenError('ACCOUNT_NOT_BALANCED', { identity });
  }
  return undefined;
}

function exitCodeOf(
  { stop }: RecordedTrialParts,
  outcome: {
    readonly isPassed: boolean;
    readonly verdict: Result['verdict'];
    readonly error: LoadgenError | undefined;
  },
): ExitCode {
  const { isPassed, verdict, error } = outcome;
  return worstExitCode([
    ...(error === undefined ? [] : [error.exitCode]),
    ...(stop.drain ? [EXIT_CODES.interrupted] : []),
    ...(verdict.state === 'INVALID' ? [EXIT_CODES.runInvalid] : []),
    isPassed ? EXIT_CODES.ok : EXIT_CODES.thresholdsFailed,
  ]);
}

function isPassing({ status }: ThresholdResult): boolean {
  return status === 'passed';
}

function preparationNotes(
  { trial, stop, notes }: RecordedTrialParts,
  preparations: readonly PreparationOutcome[],
): string[] {
  const first = preparations.find(({ phase }) => phase === 'prepare')?.trial ?? trial.trial;
  const hasList = (trial.cleanUp ?? []).length > 0;
  return [
    ...notes,
    ...(first < trial.trial
      ? [`what was prepared for trial ${first} is the same for this one`]
      : []),
    ...(hasList && stop.atOnce
      ? ['cleanUp did not run to its end: the run was stopped at once']
      : []),
  ];
}

function outputNote({ name, unit, accepted, delivered, lastError }: OutputAccount): string[] {
  if (delivered === accepted) return [];
  const why = lastError === null ? '' : `: ${lastError}`;
  return [`output ${name}: ${accepted - delivered} of ${accepted} ${unit} dropped${why}`];
}

function notesOf(error: LoadgenError | undefined): string[] {
  return error === undefined ? [] : [error.message];
}

/** What spoils the common start of several machines, and a raw log that is not whole. */
function clockNotes({ clockRecord, lateNs, samplesDropped }: TrialEnd): string[] {
  const steps = clockRecord.steps.map(({ stepMs }) => `${stepMs} ms`).join(', ');
  return [
    ...(lateNs > 0 ? [`the load started ${Math.ceil(lateNs / 1e6)} ms later than asked for`] : []),
    ...(steps === '' ? [] : [`the wall clock was set while the load ran: by ${steps}`]),
    ...(samplesDropped > 0 ? [`${samplesDropped} raw samples did not fit and were left out`] : []),
  ];
}

/** What a reader of the figures should know of the set-up. */
function remarksOn(trial: ResolvedTrial): string[] {
  const near = Object.values(trial.targets).filter(({ url }) => isLoopback(url));
  if (near.length === 0) return [];
  const names = near.map(({ name }) => name).join(', ');
  return [`on this machine too, and taking CPU from loadgen: ${names}`];
}

function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
