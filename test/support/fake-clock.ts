import type { Cancel, Clock } from '../../src/base/time/clock.ts';

interface Timer {
  readonly dueNs: number;
  readonly serial: number;
  readonly callback: () => void;
  cancelled: boolean;
}

export interface FakeClockOptions {
  readonly nowNs?: number;
  readonly wallMs?: number;
  /** How long a turn of the event loop takes; with 0 (the default) turns are free. */
  readonly turnNs?: number;
}

/** Turns in a row that move no time before a test is told that it spins for ever. */
const IDLE_TURN_LIMIT = 100_000;

/**
 * A clock that only moves when a test says so. Between two steps it lets promises settle, so that
 * everything that follows from a timer has happened before the next one fires.
 */
export class FakeClock implements Clock {
  #nowNs: number;
  readonly #wallOriginMs: number;
  readonly #turnNs: number;
  #timers: Timer[] = [];
  #turns: (() => void)[] = [];
  #serial = 0;

  constructor({ nowNs = 0, wallMs = Date.UTC(2026, 0, 1), turnNs = 0 }: FakeClockOptions = {}) {
    this.#nowNs = nowNs;
    this.#wallOriginMs = wallMs - nowNs / 1e6;
    this.#turnNs = turnNs;
  }

  nowNs(): number {
    return this.#nowNs;
  }

  wallMs(): number {
    return this.#wallOriginMs + this.#nowNs / 1e6;
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.at(this.#nowNs + delayMs * 1e6, callback);
  }

  nextTurn(callback: () => void): void {
    this.#turns.push(callback);
  }

  /** Runs `callback` when this clock reads exactly `dueNs` (or now, when that is past). */
  at(dueNs: number, callback: () => void): Cancel {
    const timer = { dueNs, serial: this.#serial++, callback, cancelled: false };
    let index = this.#timers.length;
    while (index > 0 && this.#timers[index - 1]!.dueNs > dueNs) index--;
    this.#timers.splice(index, 0, timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /** Timers that will still fire. */
  get pendingTimers(): number {
    return this.#timers.filter((timer) => !timer.cancelled).length;
  }

  /** Turns that were asked for and have not come. */
  get pendingTurns(): number {
    return this.#turns.length;
  }

  /** When the next timer fires; Infinity when none will. */
  get nextTimerNs(): number {
    return this.#timers.find((timer) => !timer.cancelled)?.dueNs ?? Infinity;
  }

  async advanceBy(durationNs: number): Promise<void> {
    await this.advanceTo(this.#nowNs + durationNs);
  }

  /** Moves time to `targetNs`, firing timers and turns on the way, in order. */
  async advanceTo(targetNs: number): Promise<void> {
    let idleTurns = 0;
    await settle();
    for (;;) {
      if (this.#turns.length > 0) {
        if (this.#turnNs > 0 && this.#nowNs + this.#turnNs > targetNs) break;
        if (this.#turnNs === 0 && ++idleTurns > IDLE_TURN_LIMIT) {
          throw new Error('Turns follow turns and time stands still: give the clock a turnNs.');
        }
        this.#fireTimersUpTo(this.#nowNs + this.#turnNs);
        this.#runTurns();
      } else {
        const nextNs = this.nextTimerNs;
        if (nextNs > targetNs) break;
        idleTurns = 0;
        this.#fireTimersUpTo(nextNs);
      }
      await settle();
    }
    this.#nowNs = Math.max(this.#nowNs, targetNs);
  }

  /** The event loop is blocked for so long: time passes, and nothing fires meanwhile. */
  block(durationNs: number): void {
    this.#nowNs += durationNs;
  }

  #runTurns(): void {
    const turns = this.#turns;
    this.#turns = [];
    for (const turn of turns) turn();
  }

  #fireTimersUpTo(untilNs: number): void {
    this.#nowNs = Math.max(this.#nowNs, untilNs);
    const due = this.#timers.filter((timer) => timer.dueNs <= untilNs);
    this.#timers = this.#timers.filter((timer) => timer.dueNs > untilNs);
    for (const timer of due) {
      if (!timer.cancelled) timer.callback();
    }
  }
}

/** All promises that can settle without time passing have settled. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
