import type { Clock } from '../../base/time/clock.ts';
import type { FlowRunner } from '../../iteration/compile-flow.ts';
import type { IterationListener, IterationStart, LoadPort } from '../../load/executors/executor.ts';
import type { Load } from '../../load/executors/load-schema.ts';
import { ownIterations, type OwnIterations } from '../../load/executors/own-iterations.ts';
import { modelOf } from '../../load/executors/registry.ts';
import type { Pacer } from '../../load/pacing/pacer.ts';
import type { Share } from '../../load/pacing/share.ts';
import { MEASURE } from '../../measure/metrics/outcome.ts';
import type { IterationRecorder } from '../../measure/metrics/recorder.ts';
import type { ControlBlock, WorkerTask } from '../messages.ts';

export interface FlowPortParts {
  readonly clock: Clock;
  readonly share: Share;
  readonly task: Pick<WorkerTask, 'shard' | 'shards'>;
  readonly flow: number;
  readonly flowName: string;
  readonly seed: number;
  readonly pacer: Pacer;
  readonly load: Load;
  readonly slotCount: number;
  readonly recorder: IterationRecorder;
  readonly control: ControlBlock;
  readonly runner: FlowRunner;
  /** Of all flows, in their order. */
  readonly flowNames: readonly string[];
}

/** What the executor of one flow sees of the world: shared memory and the compiled steps. */
export class FlowPort implements LoadPort {
  readonly clock: Clock;
  readonly share: Share;
  readonly flow: number;
  readonly flowName: string;
  readonly seed: number;
  readonly pacer: Pacer;
  readonly slotCount: number;
  readonly recorder: IterationRecorder;
  readonly #control: ControlBlock;
  readonly #runner: FlowRunner;
  /** Of the measured phase: how long after T0 it begins, and which flow has to end before. */
  readonly #startAfterNs: number;
  readonly #startsAfter: number | undefined;
  readonly #endsWith: number | undefined;
  readonly #shard: number;
  readonly #shards: number;
  /** By phase: iterations over all shards; Infinity when something else ends it. */
  readonly #iterations: readonly number[];
  /** By phase; undefined where VUs share their iterations. */
  readonly #own: readonly (OwnIterations | undefined)[];

  constructor(parts: FlowPortParts) {
    this.clock = parts.clock;
    this.share = parts.share;
    this.flow = parts.flow;
    this.flowName = parts.flowName;
    this.seed = parts.seed;
    this.pacer = parts.pacer;
    this.slotCount = parts.slotCount;
    this.recorder = parts.recorder;
    this.#control = parts.control;
    this.#runner = parts.runner;
    const { startAfter, endWith } = parts.load;
    const flowOf = (name: string): number => parts.flowNames.indexOf(name);
    this.#startAfterNs = startAfter !== undefined && 'ns' in startAfter ? startAfter.ns : 0;
    if (startAfter !== undefined && 'flow' in startAfter)
      this.#startsAfter = flowOf(startAfter.flow);
    if (endWith !== undefined) this.#endsWith = flowOf(endWith);
    this.#shard = parts.task.shard;
    this.#shards = parts.task.shards;
    const { load, share, slotCount } = parts;
    const ends = modelOf(load).iterations ?? Number.POSITIVE_INFINITY;
    this.#iterations = [Number.POSITIVE_INFINITY, ends];
    this.#own = [load.warmup?.load, load].map(
      (phase) => phase && ownIterations(modelOf(phase), share, slotCount),
    );
  }

  iterate(vu: number, start: IterationStart, listener: IterationListener): void {
    this.#runner.iterate(vu, start, listener);
  }

  interruptVu(vu: number): void {
    this.#runner.interruptVu(vu);
  }

  phaseStartNs(phase: number): number {
    if (phase !== MEASURE) return this.#control.phaseStartNs(phase);
    if (this.#startsAfter !== undefined) return this.#control.flowEndNs(this.#startsAfter);
    return this.#control.phaseStartNs(phase) + this.#startAfterNs;
  }

  phaseEndNs(phase: number): number {
    return this.#control.phaseEndNs(phase);
  }

  stopNs(): number {
    const { stopNs } = this.#control;
    if (this.#endsWith === undefined) return stopNs;
    return Math.min(stopNs, this.#control.flowEndNs(this.#endsWith));
  }

  interrupted(): boolean {
    return this.#control.interrupted;
  }

  takeIteration(phase: number, vu: number): number {
    const own = this.#own[phase];
    if (own === undefined) return this.#takeShared(phase);
    if (phase !== MEASURE || own.isLeft(vu)) return own.take(vu);
    this.#control.ranOut(this.flow, this.clock.nowNs());
    return -1;
  }

  /** Numbers of a shard are every `shards`-th, so that shards need not talk to each other. */
  #takeShared(phase: number): number {
    const taken = this.#control.takeIteration(this.flow, phase);
    const iteration = taken * this.#shards + this.#shard;
    if (iteration < this.#iterations[phase]!) return iteration;
    this.#control.ranOut(this.flow, this.clock.nowNs());
    return -1;
  }
}
