import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { stepBack } from '../../base/time/step-back.ts';
import { giveWay } from '../../base/time/give-way.ts';
import { hasKernelTimers } from '../../base/time/kernel-timer.ts';
import { clockOriginNs, NS_PER_MS, sleep, type Clock } from '../../base/time/clock.ts';
import {
  WallClockWatch,
  type ClockPair,
  type ClockRecord,
} from '../../base/time/wall-clock-watch.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { describeLoad, type LoadDescription } from '../../load/executors/describe-load.ts';
import { slotsNeeded } from '../../load/executors/slots-needed.ts';
import { PacingThread } from '../../load/pacing/pacing-thread.ts';
import { shareOf, type Share } from '../../load/pacing/share.ts';
import {
  IntervalCollector,
  type RecordedInterval,
} from '../../measure/metrics/interval-collector.ts';
import type { MetricStore } from '../../measure/metrics/metric-store.ts';
import { TrialMonitor, type MonitorSample } from '../../measure/monitors/trial-monitor.ts';
import { VitalsBoard } from '../../measure/monitors/worker-vitals.ts';
import { MEASURE, WARMUP } from '../../measure/metrics/outcome.ts';
import { layoutSeries } from '../../measure/metrics/series-layout.ts';
import { allocateRecorder } from '../../measure/metrics/shared-recorder.ts';
import type { AnswerDigest, WorstAnswers } from '../../measure/quality/score-tally.ts';
import { EvidenceCollector, type SecondEvidence } from '../../measure/validity/second-evidence.ts';
import { troubleOf } from '../../measure/validity/trouble.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';
import { seriesPlanOf } from '../../scenario/series-plan.ts';
import {
  ControlBlock,
  pacingPlaces,
  shareOfTask,
  type WorkerReport,
  type WorkerTask,
} from '../messages.ts';
import { RunnerGarbage } from './runner-garbage.ts';
import { remainingPlan } from './remaining-plan.ts';
import type { RunObserver } from './observer.ts';
import { PhaseKeeper } from './phase-keeper.ts';
import { PhaseTeller } from './phase-teller.ts';
import { phaseRulesOf } from './phase-rules.ts';
import { Scoring } from './scoring.ts';
import { SampleDrain, type SampleSink } from './sample-drain.ts';

import type { StopSignal } from './stop-requests.ts';
import { WorkerPool } from './worker-pool.ts';

/** How often the runner looks at what the workers published. */
const TICK_MS = 50;

export interface TrialParts {
  readonly trial: ResolvedTrial;
  /** By driver name. */
  readonly definitions: ReadonlyMap<string, DriverDefinition>;
  readonly workers: number;
  /** This process among those that carry the plan, from 0. */
  readonly shard: Share;
  /** S on the wall clock, where it is asked for. */
  readonly startAtMs?: number | undefined;
  readonly clock: Clock;
  readonly stop: StopSignal;
  readonly observer: RunObserver;
  /** A trial before this one may have changed what was prepared. */
  readonly isUsed?: boolean;
  /**
   * A row is complete; throwing ends the trial, with what was measured kept, and so does returning
   * `end-load`, without an error.
   */
  interval(row: RecordedInterval, around: IntervalSurroundings): 'end-load' | undefined;
  /** S is published. */
  loadStarts?(start: ClockPair): void;
  /** Where raw samples are asked for. */
  samples?: SampleSink | undefined;
  measureBegan(): void;
  /** The last worker is done; the last rows are handed out when this has settled. */
  loadEnded(): Promise<void> | void;
}

/** What stands around a row when it is handed out. */
export interface IntervalSurroundings {
  readonly total: MetricStore;
  readonly load: LoadEnd;
  /** How generator and machine have fared since the row before. */
  readonly monitors: MonitorSample;
}

/** How far the load is when a row is handed out. */
export interface LoadEnd {
  /** T1, or the stop before it, in clock ns; Infinity while it is not known. */
  readonly endNs: number;
  /** Nothing runs any more that could be stopped. */
  readonly isOver: boolean;
}

export interface TrialEnd {
  readonly collector: IntervalCollector;
  readonly control: ControlBlock;
  readonly reports: readonly WorkerReport[];
  /** T1, or when the load ended before it, in clock ns. */
  readonly measureEndNs: number;
  /** When the last worker was done. */
  readonly endedNs: number;
  /** The first error of a worker or of the runner, if there was one. */
  readonly error: LoadgenError | undefined;
  /** Workers whose threads died. */
  readonly lost: readonly number[];
  readonly clockRecord: ClockRecord;
  /** How much later S was than asked for; 0 where it was in time, or nobody asked. */
  readonly lateNs: number;
  /** Raw samples that did not fit. */
  readonly samplesDropped: number;
  /** Of answers that were scored: the worst. */
  readonly worstAnswers: readonly WorstAnswers[];
  /** How their queries were answered. */
  readonly answerDigests: readonly AnswerDigest[];
  /** Of the measured phase: what the verdict rests on. */
  readonly seconds: readonly SecondEvidence[];
}

/** Runs the load of one trial on its workers and collects what they record. */
export async function runTrial(parts: TrialParts): Promise<TrialEnd> {
  const run = new TrialRun(parts);
  try {
    await run.toTheEnd();
  } finally {
    await run.close();
  }
  return run.end();
}

class TrialRun {
  readonly #parts: TrialParts;
  readonly #control: ControlBlock;
  readonly #pool: WorkerPool;
  /** Where the kernel has no timers for traffic threads. */
  readonly #pacing: PacingThread | undefined;
  readonly #collector: IntervalCollector;
  readonly #monitor: TrialMonitor;
  readonly #evidence = new EvidenceCollector();
  readonly #garbage = new RunnerGarbage();
  readonly #keeper: PhaseKeeper;
  readonly #tasks: readonly WorkerTask[];
  readonly #reports: WorkerReport[] = [];
  readonly #lost: number[] = [];
  readonly #samples: SampleDrain | undefined;
  readonly #scoring: Scoring | undefined;
  #watch: WallClockWatch;
  #lateNs = 0;
  #error: LoadgenError | undefined;
  #endedNs = 0;
  readonly #teller: PhaseTeller;
  #stepForward: () => void = () => {};
  readonly #expected: readonly LoadDescription[];

  constructor(parts: TrialParts) {
    this.#parts = parts;
    const { trial, workers, clock, stop, shard } = parts;
    this.#watch = new WallClockWatch(clock);
    const places = Array.from({ length: workers }, (_, worker) => {
      return { worker, workers, shard: shard.index, shards: shard.count };
    });
    this.#samples = parts.samples && new SampleDrain(workers, parts.samples);
    this.#expected = trial.flows.map(({ load, name, seed = trial.seed }) =>
      describeLoad(load, seed, name),
    );
    const flows = trial.flows.length;
    this.#control = ControlBlock.allocate(flows);
    const layout = layoutSeries(seriesPlanOf(trial, parts.definitions));
    const rowsAreKnown = shard.count === 1 && parts.isUsed !== true;
    this.#scoring = Scoring.of(trial, parts.definitions, { layout, workers, rowsAreKnown });
    const recorders = places.map((place) =>
      allocateRecorder(layout, slotsOfWorker(trial, shareOfTask(place))),
    );
    if (!hasKernelTimers()) this.#pacing = new PacingThread(pacingPlaces(flows, workers));
    this.#pool = new WorkerPool(workers);
    this.#collector = new IntervalCollector(layout, recorders, this.#control);
    const vitals = recorders.map(() => VitalsBoard.allocate());
    this.#monitor = new TrialMonitor(vitals);
    this.#keeper = new PhaseKeeper({
      control: this.#control,
      clock,
      rules: phaseRulesOf(trial, shard),
      stop,
    });
    this.#teller = new PhaseTeller({
      ...parts,
      control: this.#control,
      keeper: this.#keeper,
      collector: this.#collector,
      expected: this.#expected,
      // Until then V8 compiles.
      measureBegan: () => {
        if (isPrecise(trial)) this.#stepForward = stepBack();
        parts.measureBegan();
      },
    });
    this.#tasks = recorders.map((recorder, worker) => ({
      trial,
      ...places[worker]!,
      clockOriginNs: clockOriginNs(),
      control: this.#control.memory,
      layout,
      recorder,
      pacing: this.#pacing?.memory,
      vitals: vitals[worker]!,
      ...(this.#samples && { samples: this.#samples.memories[worker]! }),
      ...(this.#scoring && {
        scores: {
          plans: this.#scoring.plans,
          memory: this.#scoring.memories[worker]!,
          watches: this.#scoring.watches,
        },
      }),
    }));
  }

  /** Until every worker has ended, however it ended. */
  async toTheEnd(): Promise<void> {
    const working = this.#tasks.map((task) => this.#work(task));
    let ended = false;
    void Promise.all(working).then(() => (ended = true));
    while (!ended && this.#control.workersReady < this.#tasks.length) {
      if (this.#parts.stop.drain || this.#error !== undefined) this.#control.publishInterrupt();
      await sleep(this.#parts.clock, 1);
    }
    this.#monitor.take();
    if (!ended && !this.#control.interrupted) this.#start();
    while (!ended) {
      await sleep(this.#parts.clock, TICK_MS);
      this.#tick();
    }
    this.#endedNs = this.#parts.clock.nowNs();
    this.#stepForward();
    await this.#scoring?.finish();
    await this.#parts.loadEnded();
  }

  /** S where it was asked for, told by both clocks at this moment; or as soon as can be. */
  #start(): void {
    this.#garbage.loadStarts();
    const { clock, startAtMs, loadStarts } = this.#parts;
    this.#watch = new WallClockWatch(clock);
    const { wallMs, clockNs } = this.#watch.start;
    const askedNs = startAtMs && clockNs + (startAtMs - wallMs) * NS_PER_MS;
    this.#keeper.start(askedNs);
    if (askedNs) this.#lateNs = Math.max(0, this.#control.phaseStartNs(WARMUP) - askedNs);
    loadStarts?.(this.#watch.start);
  }

  async close(): Promise<void> {
    this.#stepForward();
    await this.#pool.close();
    await this.#pacing?.close();
    await this.#scoring?.close();
  }

  end(): TrialEnd {
    const measureEndNs = this.#measureEndNs();
    for (const row of this.#collector.finish(measureEndNs)) this.#deliver(row);
    this.#drainSamples();
    this.#addRestOfScores();
    return {
      measureEndNs,
      endedNs: this.#endedNs,
      collector: this.#collector,
      control: this.#control,
      reports: this.#reports,
      error: this.#error,
      lost: this.#lost,
      clockRecord: this.#watch.record(),
      lateNs: this.#lateNs,
      samplesDropped: this.#samples?.dropped ?? 0,
      worstAnswers: this.#scoring?.worst ?? [],
      answerDigests: this.#scoring?.digests ?? [],
      seconds: this.#evidence.seconds,
    };
  }

  async #work(task: WorkerTask): Promise<void> {
    try {
      const report = await this.#pool.run(task);
      this.#reports.push(report);
      if (report.error !== undefined) this.#failed(LoadgenError.fromRecord(report.error));
    } catch (thrown) {
      this.#lost.push(task.worker);
      // Flows that wait for the end of another would wait for this worker for ever.
      const { flows } = this.#parts.trial;
      const nowNs = this.#parts.clock.nowNs();
      for (const flow of flows.keys()) this.#control.flowEnded(flow, task.workers, nowNs);
      this.#collector.closeLostWorker(
        task.worker,
        remainingPlan(this.#parts.trial, shareOfTask(task), (phase, flow) =>
          this.#collector.dueOf(task.worker, phase, flow),
        ),
      );
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.#error ??= new LoadgenError('WORKER_LOST', { worker: task.worker, reason });
    }
  }

  /** A broken set-up ends the whole trial; what was measured until then is kept. */
  #failed(error: LoadgenError): void {
    if (this.#error === undefined || this.#error.code === 'WORKER_LOST') this.#error = error;
    this.#control.publishStop(this.#parts.clock.nowNs());
    this.#control.publishInterrupt();
  }

  #tick(): void {
    this.#watch.observe();
    this.#drainSamples();
    for (const row of this.#collector.poll()) this.#deliver(row);
    this.#keeper.tick((phase) => {
      const { completed, aborted, interruptedIterations } = this.#collector.live(phase);
      return completed + aborted + interruptedIterations;
    });
    giveWay();
    if (this.#keeper.unheard) this.#pool.abort();
    this.#teller.tell();
  }

  #deliver(row: RecordedInterval): void {
    try {
      const { total } = this.#collector;
      const monitors = this.#monitor.take();
      giveWay();
      this.#scoring?.interval(row, total);
      giveWay();
      const second = this.#evidence.add(row, monitors);
      giveWay();
      const load = this.#loadEnd();
      if (this.#parts.interval(row, { total, load, monitors }) === 'end-load') {
        this.#keeper.endLoad();
      }
      this.#parts.observer.interval(row, total, second && troubleOf(second));
      giveWay();
      this.#garbage.rowEnded();
    } catch (thrown) {
      this.#failed(LoadgenError.from(thrown));
    }
  }

  #loadEnd(): LoadEnd {
    if (this.#endedNs > 0) return { endNs: this.#measureEndNs(), isOver: true };
    const endNs = Math.min(this.#control.phaseEndNs(MEASURE), this.#control.stopNs);
    return { endNs, isOver: this.#parts.clock.nowNs() >= endNs };
  }

  #addRestOfScores(): void {
    try {
      this.#scoring?.addRest(this.#collector.total);
    } catch (thrown) {
      this.#failed(LoadgenError.from(thrown));
    }
  }

  #drainSamples(): void {
    try {
      this.#samples?.drain();
    } catch (thrown) {
      this.#failed(LoadgenError.from(thrown));
    }
  }

  /** T1, or what ended the load before it: a stop, or the last of its iterations. */
  #measureEndNs(): number {
    const endNs = Math.min(this.#control.phaseEndNs(MEASURE), this.#control.stopNs);
    const endedByCount = this.#expected.every((load, flow) => {
      // Iterations that VUs share are all taken when one of them finds none.
      const those = load.iterationsPerVu === undefined ? 1 : shareOf(load.vus!, this.#parts.shard);
      return this.#control.ranOutCount(flow) >= those;
    });
    if (endedByCount || endNs === Infinity) return this.#collector.lastDoneNs(MEASURE);
    return endNs;
  }
}

/** Whether any arrivals are to be sent as punctually as can be. */
function isPrecise({ flows }: ResolvedTrial): boolean {
  return flows.some(({ load }) => 'pacing' in load && load.pacing === 'precise');
}

function slotsOfWorker(trial: ResolvedTrial, share: { index: number; count: number }): number {
  return trial.flows.reduce((sum, { load }) => sum + slotsNeeded(load, share), 0);
}
