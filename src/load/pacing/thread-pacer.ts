import type { Clock } from '../../base/time/clock.ts';
import type { TurnWatch } from '../../base/time/turn-watch.ts';
import { PacingBoard } from './pacing-board.ts';
import type { Pacer, Pacing } from './pacer.ts';
import type { PacingPlace } from './pacing-thread.ts';

/**
 * Turns of the event loop are spent on waiting only when an arrival is nearer than this. It is
 * also how far ahead the pacing thread is asked to wake: its wake-up takes most of it at worst.
 */
const SPIN_NS: Readonly<Record<Pacing, number>> = { precise: 100_000, efficient: 0 };

export interface ThreadPacerOptions {
  readonly pacing?: Pacing;
  /** Of the thread: told of turns that are spent on waiting. */
  readonly watch?: TurnWatch;
}

/**
 * Waits in the pacing thread until shortly before the time, then turn by turn, so that
 * answers are read meanwhile. It does not keep its own thread alive.
 */
export class ThreadPacer implements Pacer {
  readonly #clock: Clock;
  readonly #board: PacingBoard;
  readonly #place: number;
  readonly #watch: TurnWatch | undefined;
  readonly #spinNs: number;
  #dueNs = 0;
  #wake: (() => void) | undefined;
  #listening = false;
  #turning = false;

  constructor(
    clock: Clock,
    { memory, place }: PacingPlace,
    { pacing = 'precise', watch }: ThreadPacerOptions = {},
  ) {
    this.#clock = clock;
    this.#watch = watch;
    this.#spinNs = SPIN_NS[pacing];
    this.#board = new PacingBoard(memory);
    this.#place = place;
  }

  waitUntil(dueNs: number, wake: () => void): void {
    this.#dueNs = dueNs;
    this.#wake = wake;
    this.#approach(this.#clock.nowNs());
  }

  cancel(): void {
    this.#wake = undefined;
    this.#board.withdraw(this.#place);
  }

  #approach(nowNs: number): void {
    if (this.#dueNs - nowNs > this.#spinNs) this.#askForWakeUp(nowNs);
    else if (!this.#turning) {
      this.#turning = true;
      this.#clock.nextTurn(this.#turn);
    }
  }

  #askForWakeUp(nowNs: number): void {
    if (!this.#listening) {
      this.#listening = true;
      void this.#board.woken(this.#place).then(this.#woken);
    }
    this.#board.ask(this.#place, this.#dueNs - this.#spinNs, nowNs);
  }

  readonly #woken = (): void => {
    this.#listening = false;
    if (this.#wake !== undefined) this.#approach(this.#clock.nowNs());
  };

  readonly #turn = (): void => {
    this.#turning = false;
    const wake = this.#wake;
    if (wake === undefined) return;
    const nowNs = this.#clock.nowNs();
    this.#watch?.spun(nowNs);
    if (nowNs < this.#dueNs) {
      this.#approach(nowNs);
      return;
    }
    this.#watch?.spinEnded();
    this.#wake = undefined;
    wake();
  };
}
