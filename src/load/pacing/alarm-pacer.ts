import type { Clock } from '../../base/time/clock.ts';
import type { TurnWatch } from '../../base/time/turn-watch.ts';
import type { Alarm } from './alarm.ts';
import type { Pacer, Pacing } from './pacer.ts';

export interface AlarmPacerOptions {
  readonly pacing?: Pacing;
  /** Of the thread: told of turns that are spent on waiting. */
  readonly watch?: TurnWatch;
}

/**
 * Sleeps until an alarm rings shortly before the time, then waits turn by turn, so that answers are
 * read meanwhile. It does not keep its own thread alive.
 */
export class AlarmPacer implements Pacer {
  readonly #clock: Clock;
  readonly #alarm: Alarm;
  readonly #watch: TurnWatch | undefined;
  /**
   * Turns of the event loop are spent on waiting only when an arrival is nearer than this, which is
   * also how far ahead the alarm is set.
   */
  readonly #spinNs: number;
  #dueNs = 0;
  #wake: (() => void) | undefined;
  #turning = false;

  constructor(clock: Clock, alarm: Alarm, { pacing = 'precise', watch }: AlarmPacerOptions = {}) {
    this.#clock = clock;
    this.#alarm = alarm;
    this.#watch = watch;
    this.#spinNs = pacing === 'precise' ? alarm.leadNs : 0;
    alarm.ring = () => {
      if (this.#wake !== undefined) this.#approach(this.#clock.nowNs());
    };
  }

  waitUntil(dueNs: number, wake: () => void): void {
    this.#dueNs = dueNs;
    this.#wake = wake;
    this.#approach(this.#clock.nowNs());
  }

  cancel(): void {
    this.#wake = undefined;
    this.#alarm.stop();
  }

  close(): void {
    this.cancel();
    this.#alarm.close();
  }

  #approach(nowNs: number): void {
    if (this.#dueNs - nowNs > this.#spinNs) this.#alarm.set(this.#dueNs - this.#spinNs, nowNs);
    else if (!this.#turning) {
      this.#turning = true;
      this.#clock.nextTurn(this.#turn);
    }
  }

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
