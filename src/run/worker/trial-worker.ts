import { askForShortSlices } from '../../base/time/short-slices.ts';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { clockOriginNs, NS_PER_MS, sleep, systemClock } from '../../base/time/clock.ts';
import { TimerWheel } from '../../base/time/timer-wheel.ts';
import { TurnQueue } from '../../base/time/turn-queue.ts';
import { TurnWatch } from '../../base/time/turn-watch.ts';
import { openFeeders, type Feeder } from '../../data/feeder.ts';
import type { Driver, DriverDefinition } from '../../drivers/driver.ts';
import { loadDriver, type DriverName } from '../../drivers/registry.ts';
import { compileFlow, type FlowRunner } from '../../iteration/compile-flow.ts';
import { laneTags } from '../../iteration/data-tags.ts';
import { ownDeclarations } from '../../iteration/own-metrics.ts';
import { pacingOf } from '../../load/executors/load-schema.ts';
import { runLoad } from '../../load/executors/run-load.ts';
import { slotsNeeded } from '../../load/executors/slots-needed.ts';
import { AlarmPacer } from '../../load/pacing/alarm-pacer.ts';
import { BoardAlarm } from '../../load/pacing/board-alarm.ts';
import { KernelAlarm } from '../../load/pacing/kernel-alarm.ts';
import type { Pacing } from '../../load/pacing/pacer.ts';
import type { Share } from '../../load/pacing/share.ts';
import { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import { ThreadMonitor } from '../../measure/monitors/thread-monitor.ts';
import { WARMUP } from '../../measure/metrics/outcome.ts';
import { SampleWriter } from '../../measure/metrics/sample-ring.ts';
import { WorkerRecorder } from '../../measure/metrics/worker-recorder.ts';
import type { ResolvedFlow, ResolvedTarget, ResolvedTrial } from '../../scenario/resolved.ts';
import {
  ControlBlock,
  pacingPlace,
  shareOfTask,
  type FailureReason,
  type PacingPurpose,
  type SettingsKept,
  type WorkerReport,
  type WorkerTask,
} from '../messages.ts';
import { FlowPort } from './flow-port.ts';
import { PacedNaps } from './naps.ts';
import { assertDepth, ScorePort } from './score-port.ts';
import { sessionsAhead } from './sessions-ahead.ts';

/** How often a worker looks after its rows and at the runner's orders while load runs. */
const HOUSEKEEPING_MS = 10;
/** Clock origins of two threads differ by less than this; more would spoil every stamp. */
const ORIGIN_TOLERANCE_NS = NS_PER_MS;

/** One traffic thread in one trial: opens what it needs, runs its share of the load, reports. */
export class TrialWorker {
  readonly #task: WorkerTask;
  readonly #control: ControlBlock;
  readonly #share: Share;
  readonly #recorder: WorkerRecorder;
  readonly #wheel = new TimerWheel(systemClock);
  readonly #watch = new TurnWatch();
  readonly #turns = new TurnQueue(systemClock, { watch: this.#watch });
  readonly #drivers = new Map<string, Driver>();
  readonly #flows: FlowRunner[] = [];
  readonly #pacers: AlarmPacer[] = [];
  readonly #monitor: ThreadMonitor;
  #busy = false;

  constructor(task: WorkerTask) {
    this.#task = task;
    this.#control = new ControlBlock(task.control, task.trial.flows.length);
    this.#share = shareOfTask(task);
    this.#recorder = new WorkerRecorder({
      layout: task.layout,
      shared: task.recorder,
      times: this.#control,
      latencyLimitsNs: task.trial.flows.map(({ load }) => latencyLimitOf(load)),
      samples: task.samples && new SampleWriter(task.samples),
    });
    this.#monitor = new ThreadMonitor(task.vitals, {
      spinNs: () => this.#watch.spinNs,
      openConnections: () =>
        [...this.#drivers.values()].reduce(
          (sum, driver) => sum + (driver.openConnections?.() ?? 0),
          0,
        ),
    });
  }

  /** Everything up to open sessions. Throws what is wrong with data, templates or targets. */
  async prepare(): Promise<void> {
    assertSameOrigin(this.#task.clockOriginNs);
    const { trial } = this.#task;
    const definitions = await this.#loadDefinitions();
    const slotCounts = trial.flows.map(({ load }) => slotsNeeded(load, this.#share));
    const all = [...definitions.values()];
    const slots = new OperationSlots(
      slotCounts.reduce((sum, count) => sum + count, 0),
      phasesOf(trial, definitions),
      {
        counts: Math.max(0, ...all.map(({ counters = [] }) => counters.length)),
        samples: Math.max(0, ...all.map(({ sampled = [] }) => sampled.length)),
      },
    );
    const feeders = await this.#openFeeders();
    for (const { steps } of trial.flows) assertDepth(steps, feeders);
    await this.#createDrivers(definitions, slots);
    const scores = this.#task.scores && new ScorePort(this.#task.scores);
    let slotBase = 0;
    let lane = 0;
    for (const [flow, { steps, program, thinkAfter, seed }] of trial.flows.entries()) {
      const lanes = steps.map((step) => {
        const first = lane;
        lane += laneTags(step).length;
        return first;
      });
      const slotCount = slotCounts[flow]!;
      this.#flows.push(
        compileFlow({
          flow,
          slotBase,
          slotCount,
          steps,
          program,
          lanes,
          drivers: this.#drivers,
          definitions,
          feeders,
          slots,
          recorder: this.#recorder,
          clock: systemClock,
          params: trial.params,
          seed: seed ?? trial.seed,
          share: this.#share,
          thinkAfter,
          scores: scores?.scoresOf(steps),
          naps: new PacedNaps(systemClock, this.#pacer('naps', flow, 'precise'), slotCount),
        }),
      );
      slotBase += slotCount;
    }
    for (const driver of this.#drivers.values()) await driver.ready?.();
    await this.#connect(slotCounts);
  }

  /** Reports ready, waits for S, and resolves when all load of this worker has ended. */
  async run(): Promise<void> {
    this.#monitor.sample(systemClock.nowNs());
    this.#control.workerIsReady();
    while (!Number.isFinite(this.#control.phaseStartNs(WARMUP))) {
      if (this.#control.interrupted) return;
      await sleep(systemClock, 1);
    }
    this.#busy = true;
    askForShortSlices();
    this.#keepHouse();
    await Promise.all(this.#task.trial.flows.map((flow, index) => this.#runFlow(flow, index)));
  }

  close(error: LoadgenError | undefined): WorkerReport {
    this.#busy = false;
    this.#monitor.close();
    for (const flow of this.#flows) flow.close();
    this.#recorder.close(systemClock.nowNs());
    const report = {
      worker: this.#task.worker,
      failureReasons: this.#failureReasons(),
      settingsKept: this.#settingsKept(),
      sessionsOpened: this.#flows.reduce((sum, flow) => sum + flow.sessionsOpen, 0),
      ...(error && { error: error.toRecord() }),
    };
    for (const pacer of this.#pacers) pacer.close();
    for (const driver of this.#drivers.values()) driver.close();
    this.#wheel.close();
    return report;
  }

  async #runFlow(flow: ResolvedFlow, index: number): Promise<void> {
    const runner = this.#flows[index]!;
    const port = new FlowPort({
      clock: systemClock,
      share: this.#share,
      task: this.#task,
      flow: index,
      flowName: flow.name,
      seed: flow.seed ?? this.#task.trial.seed,
      pacer: this.#pacer('arrivals', index, pacingOf(flow.load)),
      load: flow.load,
      slotCount: slotsNeeded(flow.load, this.#share),
      recorder: this.#recorder,
      control: this.#control,
      runner,
      flowNames: this.#task.trial.flows.map(({ name }) => name),
    });
    await runLoad(flow.load, port);
    this.#control.flowEnded(index, this.#task.workers, systemClock.nowNs());
  }

  #pacer(purpose: PacingPurpose, flow: number, pacing: Pacing): AlarmPacer {
    const { pacing: memory } = this.#task;
    const place = pacingPlace(this.#task, purpose, flow);
    const alarm = memory ? new BoardAlarm({ memory, place }) : new KernelAlarm(systemClock);
    const pacer = new AlarmPacer(systemClock, alarm, { pacing, watch: this.#watch });
    this.#pacers.push(pacer);
    return pacer;
  }

  /** Between turns of load: publishes rows whose second is over, and hears an interrupt. */
  #keepHouse(): void {
    if (!this.#busy) return;
    const nowNs = systemClock.nowNs();
    this.#monitor.sample(nowNs);
    this.#recorder.turn(this.#turns.oldestWaitingNs ?? nowNs);
    if (this.#control.interrupted) for (const flow of this.#flows) flow.interrupt();
    systemClock.after(HOUSEKEEPING_MS, () => this.#keepHouse());
  }

  async #loadDefinitions(): Promise<ReadonlyMap<string, DriverDefinition>> {
    const definitions = new Map<string, DriverDefinition>();
    for (const target of Object.values(this.#task.trial.targets)) {
      definitions.set(target.name, await loadDriver(target.driver as DriverName));
    }
    return definitions;
  }

  async #createDrivers(
    definitions: ReadonlyMap<string, DriverDefinition>,
    slots: OperationSlots,
  ): Promise<void> {
    for (const target of Object.values(this.#task.trial.targets)) {
      const module = await definitions.get(target.name)!.load(target.options);
      const driver = await module.create({
        name: target.name,
        url: target.url,
        connectTimeoutMs: target.connectTimeoutMs,
        baseFolder: this.#task.trial.baseFolder,
        options: target.options,
        connection: target.connection,
        connections: this.#connectionsOf(target),
        dialects: this.#task.trial.dialects ?? [],
        seed: this.#task.trial.seed,
        clock: systemClock,
        wheel: this.#wheel,
        turns: this.#turns,
        slots,
      });
      this.#drivers.set(target.name, driver);
    }
  }

  /** Its share of the connections that a target asks for, as even as can be. */
  #connectionsOf({ connections }: ResolvedTarget): number | undefined {
    if (connections === undefined) return undefined;
    const { index, count } = this.#share;
    return Math.max(1, Math.floor((connections + count - 1 - index) / count));
  }

  #openFeeders(): Promise<ReadonlyMap<string, Feeder>> {
    const { data, seed, baseFolder, params } = this.#task.trial;
    return openFeeders(data, { seed, baseFolder, params });
  }

  /** Opens sessions ahead of load. A target that none of them reaches ends the run. */
  async #connect(slotCounts: readonly number[]): Promise<void> {
    for (const [index, flow] of this.#flows.entries()) {
      const { load, steps } = this.#task.trial.flows[index]!;
      const ahead = sessionsAhead(load, slotCounts[index]!, this.#share);
      const { attempts, failures, reason } = await flow.connect(ahead);
      if (attempts === 0 || failures < attempts) continue;
      const target = this.#task.trial.targets[steps[0]!.target]!;
      throw new LoadgenError('TARGET_UNREACHABLE', {
        target: target.name,
        url: target.url,
        reason: reason ?? 'no connection could be opened',
      });
    }
  }

  #settingsKept(): SettingsKept[] {
    return [...this.#drivers].flatMap(([target, driver]) =>
      [...(driver.settingsKept?.() ?? [])].map(([of, settings]) => ({ target, of, settings })),
    );
  }

  #failureReasons(): FailureReason[] {
    const ofDrivers = [...this.#drivers].flatMap(([target, driver]) =>
      [...(driver.failureReasons?.() ?? [])].map(([reason, count]) => ({ target, reason, count })),
    );
    return [...ofDrivers, ...this.#flows.flatMap(({ brokenChecks }) => brokenChecks)];
  }
}

function latencyLimitOf(load: ResolvedFlow['load']): number | undefined {
  return 'latencyLimitNs' in load ? load.latencyLimitNs : undefined;
}

/** Of the step that has most: those of its driver, and its own behind them. */
function phasesOf(
  { flows }: ResolvedTrial,
  definitions: ReadonlyMap<string, DriverDefinition>,
): number {
  const steps = flows.flatMap((flow) => flow.steps);
  const counts = steps.map(
    (step) => definitions.get(step.target)!.phases.length + ownDeclarations(step).length,
  );
  return Math.max(0, ...counts, ...[...definitions.values()].map(({ phases }) => phases.length));
}

function assertSameOrigin(runnerOriginNs: number): void {
  const differenceNs = clockOriginNs() - runnerOriginNs;
  if (Math.abs(differenceNs) <= ORIGIN_TOLERANCE_NS) return;
  const reason = `the clocks of two threads differ by ${Math.round(differenceNs)} ns`;
  throw new LoadgenError('BUG', { reason });
}
