import type { LoadPort } from './executor.ts';
import type { IterationStarter } from './iteration-starter.ts';
import type { PhaseTimes } from './phase-times.ts';
import { WakeQueue } from './wake-queue.ts';

/**
 * After so many iterations a turn of the event loop is asked for; after twice as many without
 * one, VUs wait for it. Iterations that end at once (no connection, all steps skipped) would
 * follow each other for ever otherwise, and no answer would be read meanwhile.
 */
const ITERATIONS_PER_TURN = 128;

export interface VirtualUsersParts {
  readonly port: LoadPort;
  readonly times: PhaseTimes;
  readonly starter: IterationStarter;
  readonly slotCount: number;
  /** A VU sleeps: it has to be woken at this time. */
  readonly onSleep: (untilNs: number) => void;
}

/** The VUs of the closed phases: VU k runs in slot k, its next iteration after its last one. */
export class VirtualUsers {
  readonly #port: LoadPort;
  readonly #times: PhaseTimes;
  readonly #starter: IterationStarter;
  readonly #onSleep: (untilNs: number) => void;
  readonly #sleepers: WakeQueue;
  /** The phase and number of the iteration that each sleeper will run. */
  readonly #phases: Uint8Array;
  readonly #numbers: Float64Array;
  #sinceTurn = 0;

  constructor({ port, times, starter, slotCount, onSleep }: VirtualUsersParts) {
    this.#port = port;
    this.#times = times;
    this.#starter = starter;
    this.#onSleep = onSleep;
    this.#sleepers = new WakeQueue(slotCount);
    this.#phases = new Uint8Array(slotCount);
    this.#numbers = new Float64Array(slotCount);
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }

  get nextWakeNs(): number {
    return this.#sleepers.earliestNs;
  }

  /** Runs the VU's next iteration now or when it is intended; false when there is none for it. */
  goOn(slot: number, phase: number, intendedNs: number): boolean {
    if (intendedNs >= this.#times.closesNs(phase)) return false;
    const nowNs = this.#port.clock.nowNs();
    if (this.#times.halted(nowNs)) return false;
    const number = this.#port.takeIteration(phase, slot);
    if (number < 0) return false;
    this.#phases[slot] = phase;
    this.#numbers[slot] = number;
    if (intendedNs <= nowNs && this.#mayStartInThisTurn()) this.#start(slot, intendedNs, nowNs);
    else this.#sleep(slot, intendedNs);
    return true;
  }

  /**
   * Starts the sleepers whose time has come, at most `limit`, and returns how many it woke. Those
   * whose phase closed while they slept are handed to `reconsider`.
   */
  wake(
    nowNs: number,
    limit: number,
    reconsider: (slot: number, intendedNs: number) => void,
  ): number {
    let woken = 0;
    while (woken < limit && this.nextWakeNs <= nowNs) {
      const intendedNs = this.nextWakeNs;
      const slot = this.#sleepers.pop();
      const closed = intendedNs >= this.#times.closesNs(this.#phases[slot]!);
      if (closed || this.#times.halted(nowNs)) reconsider(slot, intendedNs);
      else this.#start(slot, intendedNs, this.#port.clock.nowNs());
      woken++;
    }
    return woken;
  }

  /** Hands over all sleepers: something happened that may change what they sleep for. */
  wakeAll(reconsider: (slot: number, intendedNs: number) => void): void {
    const sleepers: [slot: number, intendedNs: number][] = [];
    while (this.sleeping > 0) {
      const intendedNs = this.nextWakeNs;
      sleepers.push([this.#sleepers.pop(), intendedNs]);
    }
    for (const [slot, intendedNs] of sleepers) reconsider(slot, intendedNs);
  }

  #mayStartInThisTurn(): boolean {
    this.#sinceTurn++;
    if (this.#sinceTurn === ITERATIONS_PER_TURN) this.#port.clock.nextTurn(this.#turnBegins);
    return this.#sinceTurn < 2 * ITERATIONS_PER_TURN;
  }

  readonly #turnBegins = (): void => {
    this.#sinceTurn = 0;
  };

  #sleep(slot: number, untilNs: number): void {
    this.#sleepers.push(slot, untilNs);
    this.#onSleep(untilNs);
  }

  #start(slot: number, intendedNs: number, pickedNs: number): void {
    const { recorder, flow } = this.#port;
    const phase = this.#phases[slot]!;
    const start = this.#starter.of(slot);
    start.phase = phase;
    start.iteration = this.#numbers[slot]!;
    start.intendedNs = intendedNs;
    start.pickedNs = pickedNs;
    start.acquiredNs = pickedNs;
    recorder.due(phase, flow, 1);
    recorder.pacerLag(phase, flow, pickedNs - intendedNs);
    this.#starter.start(slot);
  }
}
