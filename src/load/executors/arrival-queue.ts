import { UNSENT_REASONS, type UnsentReason } from '../../measure/metrics/outcome.ts';
import type { Plan, PlanCursor } from '../pacing/plan.ts';
import type { Share } from '../pacing/share.ts';
import type { LoadPort } from './executor.ts';
import type { IdleSlots } from './idle-slots.ts';
import type { IterationStarter } from './iteration-starter.ts';
import type { OpenModel } from './load-model.ts';
import type { PhaseTimes } from './phase-times.ts';

export interface ArrivalQueueParts {
  readonly phase: number;
  readonly model: OpenModel;
  readonly plan: Plan;
  readonly share: Share;
  readonly port: LoadPort;
  readonly times: PhaseTimes;
  readonly idle: IdleSlots;
  readonly starter: IterationStarter;
}

/**
 * The arrivals of one open phase. A backlog is two places in the plan and no list: `due` passes
 * each arrival when its time comes, `send` follows as slots free up. While nobody waits, `send`
 * stays where it is.
 */
export class ArrivalQueue {
  /** Arrivals that are due and neither started nor unsent. */
  waiting = 0;

  readonly #phase: number;
  readonly #model: OpenModel;
  readonly #port: LoadPort;
  readonly #times: PhaseTimes;
  readonly #idle: IdleSlots;
  readonly #starter: IterationStarter;
  readonly #due: PlanCursor;
  readonly #send: PlanCursor;

  constructor(parts: ArrivalQueueParts) {
    this.#phase = parts.phase;
    this.#model = parts.model;
    this.#port = parts.port;
    this.#times = parts.times;
    this.#idle = parts.idle;
    this.#starter = parts.starter;
    this.#due = parts.plan.cursor(parts.share);
    this.#send = parts.plan.cursor(parts.share);
  }

  /** When the next arrival comes due; Infinity when none will. */
  get nextDueNs(): number {
    const intendedNs = this.#times.startNs(this.#phase) + this.#due.offsetNs;
    return intendedNs < this.#times.closesNs(this.#phase) ? intendedNs : Infinity;
  }

  /** True when nobody waits and nothing more will come due. */
  get over(): boolean {
    if (this.waiting > 0) return false;
    if (this.#due.offsetNs === Infinity) return true;
    const closesNs = this.#times.closesNs(this.#phase);
    const intendedNs = this.#times.startNs(this.#phase) + this.#due.offsetNs;
    return closesNs !== Infinity && intendedNs >= closesNs;
  }

  /**
   * Takes up the arrivals whose time has come, at most `limit`, and returns how many it did. To be
   * called only when no slot is idle or nobody waits who was intended earlier.
   */
  passDue(nowNs: number, limit: number): number {
    let passed = 0;
    while (passed < limit && this.nextDueNs <= nowNs) {
      this.#takeUp(this.nextDueNs);
      passed++;
    }
    return passed;
  }

  /** Starts those that wait, while slots are idle, at most `limit`; returns how many left. */
  sendWaiting(limit: number): number {
    let left = 0;
    while (left < limit && this.waiting > 0) {
      const nowNs = this.#port.clock.nowNs();
      if (this.#times.halted(nowNs)) break;
      const intendedNs = this.#times.startNs(this.#phase) + this.#send.offsetNs;
      const { iteration } = this.#send;
      const late = nowNs - intendedNs > this.#model.maxLatenessNs;
      if (!late && !this.#idle.available) break;
      this.#send.advance();
      this.#setWaiting(this.waiting - 1);
      if (late) this.#unsent('late', 1);
      else this.#start(iteration, intendedNs, intendedNs, nowNs);
      left++;
    }
    return left;
  }

  /** Nothing starts any more: those that wait never will. */
  stopWaiting(): void {
    if (this.waiting === 0) return;
    this.#unsent('stopped', this.waiting);
    this.#setWaiting(0);
  }

  #takeUp(intendedNs: number): void {
    const { recorder, flow, clock } = this.#port;
    const pickedNs = clock.nowNs();
    recorder.due(this.#phase, flow, 1);
    recorder.pacerLag(this.#phase, flow, pickedNs - intendedNs);
    if (this.waiting === 0) this.#send.moveTo(this.#due);
    const { iteration } = this.#due;
    this.#due.advance();
    // However late the pacer is: while a slot is free, an arrival is not dropped.
    if (this.#times.halted(pickedNs)) this.#unsent('stopped', 1);
    else if (this.#idle.available) this.#startOnArrival(iteration, intendedNs, pickedNs);
    else if (this.#model.whenLate === 'drop') this.#unsent('no_slot', 1);
    else this.#setWaiting(this.waiting + 1);
  }

  #startOnArrival(iteration: number, intendedNs: number, pickedNs: number): void {
    if (pickedNs - intendedNs > this.#model.maxLatenessNs) this.#unsent('late', 1);
    else this.#start(iteration, intendedNs, pickedNs, pickedNs);
  }

  #start(iteration: number, intendedNs: number, pickedNs: number, acquiredNs: number): void {
    const slot = this.#idle.take();
    const start = this.#starter.of(slot);
    start.phase = this.#phase;
    start.iteration = iteration;
    start.intendedNs = intendedNs;
    start.pickedNs = pickedNs;
    start.acquiredNs = acquiredNs;
    this.#starter.start(slot);
  }

  #unsent(reason: UnsentReason, count: number): void {
    this.#port.recorder.unsent(this.#phase, this.#port.flow, REASON[reason], count);
  }

  #setWaiting(count: number): void {
    this.waiting = count;
    this.#port.recorder.waiting(this.#phase, this.#port.flow, count);
  }
}

const REASON = Object.fromEntries(
  UNSENT_REASONS.map((reason, index) => [reason, index]),
) as Readonly<Record<UnsentReason, number>>;
