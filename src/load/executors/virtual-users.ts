import type { LoadPort } from './executor.ts';
import type { ModelRamp } from './load-model.ts';
import type { IterationStarter } from './iteration-starter.ts';
import type { PhaseTimes } from './phase-times.ts';
import { RampDowns } from './ramp-downs.ts';
import { VuRamp } from './vu-ramp.ts';
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
  /** By phase; undefined where all VUs run all the time. */
  readonly ramps: readonly (ModelRamp | undefined)[];
  /** A VU sleeps: it has to be woken at this time. */
  readonly onSleep: (untilNs: number) => void;
}

/** Instead of a number: the VU is not active, and takes one when it is. */
const RESTS = -1;

/** The VUs of the closed phases: VU k runs in slot k, its next iteration after its last one. */
export class VirtualUsers {
  readonly #port: LoadPort;
  readonly #times: PhaseTimes;
  readonly #starter: IterationStarter;
  readonly #onSleep: (untilNs: number) => void;
  readonly #sleepers: WakeQueue;
  /** The phase and number of the iteration that each sleeper will run; RESTS without a number. */
  readonly #phases: Uint8Array;
  readonly #numbers: Float64Array;
  readonly #ramps: readonly (PlacedRamp | undefined)[];
  readonly #rampDowns: RampDowns;
  /** Since when a VU that rests is free. */
  readonly #freeNs: Float64Array;
  #sinceTurn = 0;

  constructor({ port, times, starter, slotCount, ramps, onSleep }: VirtualUsersParts) {
    this.#port = port;
    this.#times = times;
    this.#starter = starter;
    this.#onSleep = onSleep;
    this.#sleepers = new WakeQueue(slotCount);
    this.#phases = new Uint8Array(slotCount);
    this.#numbers = new Float64Array(slotCount);
    this.#rampDowns = new RampDowns(slotCount);
    this.#freeNs = new Float64Array(slotCount);
    this.#ramps = ramps.map(
      (ramp) => ramp && { ...ramp, active: new VuRamp(ramp.curve, port.share, slotCount) },
    );
  }

  get sleeping(): number {
    return this.#sleepers.length;
  }

  get nextWakeNs(): number {
    return this.#sleepers.earliestNs;
  }

  /** Runs the VU's next iteration now or when it is intended; false when there is none for it. */
  goOn(slot: number, phase: number, freeNs: number): boolean {
    const ramp = this.#ramps[phase];
    const intendedNs = ramp === undefined ? freeNs : this.#activeFrom(ramp, slot, phase, freeNs);
    if (intendedNs >= this.#times.closesNs(phase)) return false;
    const nowNs = this.#port.clock.nowNs();
    if (this.#times.halted(nowNs)) return false;
    if (ramp !== undefined) {
      if (intendedNs > freeNs && intendedNs > nowNs) {
        this.#rest(slot, phase, freeNs, intendedNs);
        return true;
      }
      this.#expectRampDown(ramp, slot, phase);
    }
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
      const rests = this.#numbers[slot] === RESTS;
      if (rests || closed || this.#times.halted(nowNs)) reconsider(slot, intendedNs);
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
      const slot = this.#sleepers.pop();
      const rests = this.#numbers[slot] === RESTS;
      sleepers.push([slot, rests ? this.#freeNs[slot]! : intendedNs]);
    }
    for (const [slot, intendedNs] of sleepers) reconsider(slot, intendedNs);
  }

  /** Interrupts the iterations of VUs that a ramp took away `gracefulRampDown` ago. */
  interruptRampedDown(phase: number, nowNs: number): void {
    const ramp = this.#ramps[phase];
    if (ramp === undefined) return;
    this.#rampDowns.passed(nowNs, (slot) => {
      // The ramp may have brought the VU back meanwhile; then its iteration goes on.
      if (this.#activeFrom(ramp, slot, phase, nowNs) > nowNs) this.#port.interruptVu(slot);
      else this.#expectRampDown(ramp, slot, phase);
    });
  }

  /** Another phase begins: what ran in the one before may end in its own time. */
  forgetRampDowns(): void {
    this.#rampDowns.forget();
  }

  #activeFrom(ramp: PlacedRamp, slot: number, phase: number, timeNs: number): number {
    const startNs = this.#times.startNs(phase);
    const offsetNs = timeNs - startNs;
    const activeNs = ramp.active.activeFrom(slot, offsetNs);
    // The sum of a difference need not give the number back to the last digit.
    return activeNs === offsetNs ? timeNs : Math.max(timeNs, startNs + activeNs);
  }

  #expectRampDown(ramp: PlacedRamp, slot: number, phase: number): void {
    const untilNs = this.#times.startNs(phase) + ramp.active.activeUntil(slot);
    this.#rampDowns.expect(slot, untilNs + ramp.gracefulRampDownNs);
  }

  #rest(slot: number, phase: number, freeNs: number, untilNs: number): void {
    this.#phases[slot] = phase;
    this.#numbers[slot] = RESTS;
    this.#freeNs[slot] = freeNs;
    // It runs nothing, and nobody may look ahead of what it comes to next.
    this.#rampDowns.expect(slot, Infinity);
    this.#sleep(slot, untilNs);
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

interface PlacedRamp extends ModelRamp {
  readonly active: VuRamp;
}
