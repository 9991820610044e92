import type { Clock } from '../../base/time/clock.ts';
import type { FlowRunner } from '../../iteration/compile-flow.ts';
import type { IterationListener, IterationStart, LoadPort } from '../../load/executors/executor.ts';
import type { Load } from '../../load/executors/load-schema.ts';
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
  readonly #shard: number;
  readonly #shards: number;
  /** Measured iterations over all shards; Infinity when something else ends the load. */
  readonly #iterations: number;

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
    this.#shard = parts.task.shard;
    this.#shards = parts.task.shards;
    this.#iterations = modelOf(parts.load).iterations ?? Number.POSITIVE_INFINITY;
  }

  iterate(vu: number, start: IterationStart, listener: IterationListener): void {
    this.#runner.iterate(vu, start, listener);
  }

  phaseStartNs(phase: number): number {
    return this.#control.phaseStartNs(phase);
  }

  phaseEndNs(phase: number): number {
    return this.#control.phaseEndNs(phase);
  }

  stopNs(): number {
    return this.#control.stopNs;
  }

  interrupted(): boolean {
    return this.#control.interrupted;
  }

  /** Numbers of a shard are every `shards`-th, so that shards need not talk to each other. */
  takeIteration(phase: number): number {
    const taken = this.#control.takeIteration(this.flow, phase);
    const iteration = taken * this.#shards + this.#shard;
    if (phase !== MEASURE || iteration < this.#iterations) return iteration;
    this.#control.ranOut(this.flow, this.clock.nowNs());
    return -1;
  }
}
