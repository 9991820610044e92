import type { Cancel } from '../../base/time/clock.ts';
import { MEASURE, WARMUP } from '../../measure/metrics/outcome.ts';
import { ArrivalQueue } from './arrival-queue.ts';
import type { IterationListener, LoadPort } from './executor.ts';
import { IdleSlots } from './idle-slots.ts';
import { IterationStarter } from './iteration-starter.ts';
import type { LoadModel } from './load-model.ts';
import type { Load } from './load-schema.ts';
import { heldArrivals, plannedArrivals } from './phase-plan.ts';
import { PhaseTimes } from './phase-times.ts';
import { modelOf } from './registry.ts';
import { arrivalShare, slotsOf } from './slots-needed.ts';
import { VirtualUsers } from './virtual-users.ts';

/**
 * How often a flow looks whether S, T0, a stop or an interrupt was published: instants are
 * published 200 ms ahead, and a stop need not be quicker than this.
 */
const CONTROL_EVERY_MS = 10;
/** Arrivals and sleepers handled in one go before the event loop gets a turn. */
const STARTS_PER_TURN = 256;
const PHASES = [WARMUP, MEASURE] as const;

/**
 * Runs this worker's share of a load: warm-up and measured phase. Resolves when every iteration
 * that started has ended and every arrival that came due was started or counted as unsent.
 */
export function runLoad(load: Load, port: LoadPort): Promise<void> {
  return new FlowRun(load, port).run();
}

class FlowRun implements IterationListener {
  readonly #port: LoadPort;
  readonly #models: readonly (LoadModel | undefined)[];
  /** Per phase: its slots are those below. */
  readonly #widths: readonly number[];
  readonly #queues: readonly (ArrivalQueue | undefined)[];
  readonly #times: PhaseTimes;
  readonly #idle: IdleSlots;
  readonly #starter: IterationStarter;
  readonly #users: VirtualUsers;
  readonly #begun = [false, false];
  readonly #done = Promise.withResolvers<void>();
  #over = false;
  #armedNs = Infinity;
  #cancelControl: Cancel | undefined;

  constructor(load: Load, port: LoadPort) {
    this.#port = port;
    const model = modelOf(load);
    this.#models = [load.warmup && modelOf(load.warmup.load), model];
    this.#widths = this.#models.map((phase) => (phase ? slotsOf(phase, port.share) : 0));
    const slotCount = Math.max(...this.#widths);
    this.#times = new PhaseTimes(port, model.kind === 'closed' ? model.durationNs : Infinity);
    this.#idle = new IdleSlots(slotCount);
    this.#starter = new IterationStarter(port, slotCount, this);
    this.#queues = [this.#queueOf(WARMUP), this.#queueOf(MEASURE)];
    this.#users = new VirtualUsers({
      port,
      times: this.#times,
      starter: this.#starter,
      slotCount,
      ramps: this.#models.map((phase) => (phase?.kind === 'closed' ? phase.ramp : undefined)),
      onSleep: (untilNs) => this.#wakeAt(untilNs),
    });
  }

  run(): Promise<void> {
    this.#control();
    return this.#done.promise;
  }

  ended(slot: number, nextNs: number): void {
    if (this.#over) return;
    this.#next(slot, nextNs);
    if (this.#starter.running === 0) this.#endIfOver();
  }

  failed(thrown: unknown): void {
    this.#end();
    this.#done.reject(thrown);
  }

  #queueOf(phase: number): ArrivalQueue | undefined {
    const model = this.#models[phase];
    if (model?.kind !== 'open') return undefined;
    const port = this.#port;
    const share = arrivalShare(model.maxInFlight, port.share);
    if (share === undefined) return undefined;
    const owner = { seed: port.seed, flowName: port.flowName, phase };
    const plan = phase === WARMUP ? heldArrivals(model, owner) : plannedArrivals(model, owner);
    const [times, idle, starter] = [this.#times, this.#idle, this.#starter];
    return new ArrivalQueue({ phase, model, plan, share, port, times, idle, starter });
  }

  readonly #control = (): void => {
    this.#cancelControl = this.#port.clock.after(CONTROL_EVERY_MS, this.#control);
    const phase = this.#begun[MEASURE] ? MEASURE : WARMUP;
    if (this.#begun[phase]) this.#users.interruptRampedDown(phase, this.#port.clock.nowNs());
    this.#pump();
  };

  readonly #wake = (): void => {
    this.#armedNs = Infinity;
    this.#pump();
  };

  readonly #pump = (): void => {
    if (this.#over) return;
    try {
      this.#handleDue();
    } catch (thrown) {
      this.failed(thrown);
    }
  };

  /** Handles all that is due, in the order in which it was intended, then waits for the next. */
  #handleDue(): void {
    const nowNs = this.#port.clock.nowNs();
    let left = STARTS_PER_TURN;
    left -= this.#passDue(WARMUP, nowNs, left);
    left -= this.#users.wake(nowNs, left, this.#next);
    left -= this.#passDue(MEASURE, nowNs, left);
    if (this.#times.halted(nowNs)) this.#halt();
    this.#endIfOver();
    if (left > 0) this.#wakeAt(this.#nextNs());
    else this.#port.clock.nextTurn(this.#pump);
  }

  /** Starts what is due of a phase, at most `left` iterations; how many that were. */
  #passDue(phase: number, nowNs: number, left: number): number {
    if (left > 0 && !this.#begun[phase] && nowNs >= this.#times.startNs(phase)) this.#begin(phase);
    const sent = this.#sendWaiting(left);
    return sent + (this.#queues[phase]?.passDue(nowNs, left - sent) ?? 0);
  }

  #begin(phase: number): void {
    const model = this.#models[phase];
    this.#begun[phase] = true;
    if (model === undefined) return;
    const width = this.#widths[phase]!;
    if (phase === MEASURE) {
      this.#users.forgetRampDowns();
      this.#users.wakeAll(this.#next);
    }
    if (model.kind === 'open') {
      this.#idle.open(width);
      return;
    }
    // The VUs take over all slots: arrivals of the warm-up that still wait will find none.
    this.#queues[WARMUP]?.stopWaiting();
    this.#idle.open(0);
    const startNs = this.#times.startNs(phase);
    for (let slot = 0; slot < width; slot++) {
      if (this.#idle.claim(slot)) this.#next(slot, startNs);
    }
  }

  /**
   * What a slot does that is free since `freeNs`: the VU of the warm-up, or of the measured phase,
   * goes on in it, or it waits for an arrival.
   */
  readonly #next = (slot: number, freeNs: number): void => {
    // One place for both phases: what only the measured one runs would be compiled anew at T0.
    const isMeasured = freeNs >= this.#times.startNs(MEASURE);
    for (const phase of PHASES) {
      const isIn = phase === WARMUP ? !isMeasured : isMeasured || this.#begun[MEASURE];
      if (!isIn || !this.#hasUser(phase, slot)) continue;
      if (this.#users.goOn(slot, phase, Math.max(freeNs, this.#times.startNs(phase)))) return;
    }
    this.#idle.release(slot);
    this.#sendWaiting(STARTS_PER_TURN);
  };

  #hasUser(phase: number, slot: number): boolean {
    return this.#models[phase]?.kind === 'closed' && slot < this.#widths[phase]!;
  }

  #sendWaiting(limit: number): number {
    let sent = 0;
    for (const queue of this.#queues) sent += queue?.sendWaiting(limit - sent) ?? 0;
    return sent;
  }

  #halt(): void {
    for (const queue of this.#queues) queue?.stopWaiting();
    this.#users.wakeAll(this.#next);
  }

  /** The next time at which there is something to do; Infinity when an iteration has to end. */
  #nextNs(): number {
    let nextNs = this.#users.nextWakeNs;
    for (const phase of PHASES) {
      if (!this.#begun[phase]) nextNs = Math.min(nextNs, this.#times.startNs(phase));
      nextNs = Math.min(nextNs, this.#queues[phase]?.nextDueNs ?? Infinity);
    }
    return nextNs;
  }

  #wakeAt(timeNs: number): void {
    if (this.#over || timeNs >= this.#armedNs) return;
    this.#armedNs = timeNs;
    this.#port.pacer.waitUntil(timeNs, this.#wake);
  }

  #endIfOver(): void {
    if (this.#over || this.#starter.running > 0 || this.#users.sleeping > 0) return;
    const halted = this.#times.halted(this.#port.clock.nowNs());
    for (const phase of PHASES) {
      const queue = this.#queues[phase];
      if (queue !== undefined && !queue.over) return;
      const expectsUsers = this.#models[phase]?.kind === 'closed' && this.#widths[phase]! > 0;
      if (expectsUsers && !this.#begun[MEASURE] && !halted) return;
    }
    this.#end();
    this.#done.resolve();
  }

  #end(): void {
    this.#over = true;
    this.#cancelControl?.();
    this.#port.pacer.cancel();
  }
}
