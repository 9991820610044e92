import { NS_PER_MS, type Clock } from './clock.ts';

/** One instant on both clocks. */
export interface ClockPair {
  readonly wallMs: number;
  readonly clockNs: number;
}

/** What the wall clock did while the monotonic one ran. */
export interface ClockRecord {
  readonly start: ClockPair;
  readonly end: ClockPair;
  /** Jumps of the wall clock, with their sign. */
  readonly steps: readonly { readonly clockNs: number; readonly stepMs: number }[];
  /** How far it went beside its jumps: what a time service adjusts gradually. */
  readonly driftMs: number;
}

/** The wall clock counts in milliseconds, and a time service slews 0.5 ms a second at most. */
const STEP_MS = 10;
const STEPS_KEPT = 100;
const READINGS = 5;
const CLOSE_READING_NS = 100_000;

/** Watches for jumps of the wall clock: `observe` several times a second. */
export class WallClockWatch {
  readonly #clock: Clock;
  readonly #steps: { clockNs: number; stepMs: number }[] = [];
  readonly start: ClockPair;
  #offsetMs: number;
  #steppedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.start = readClockPair(clock);
    this.#offsetMs = offsetOf(this.start);
  }

  observe(): ClockPair {
    const pair = readClockPair(this.#clock);
    const stepMs = offsetOf(pair) - this.#offsetMs;
    if (Math.abs(stepMs) < STEP_MS) return pair;
    // Compared with the offset at the last step, so that a slow drift is no step of its own until
    // it has come this far; a reading is off by a millisecond at most.
    this.#offsetMs += stepMs;
    this.#steppedMs += stepMs;
    if (this.#steps.length < STEPS_KEPT) {
      this.#steps.push({ clockNs: pair.clockNs, stepMs: Math.round(stepMs) });
    }
    return pair;
  }

  record(): ClockRecord {
    const end = this.observe();
    const driftMs = offsetOf(end) - offsetOf(this.start) - this.#steppedMs;
    return { start: this.start, end, steps: [...this.#steps], driftMs: Math.round(driftMs) };
  }
}

/** Both clocks at one instant: of several readings the first close one, or the closest. */
export function readClockPair(clock: Clock): ClockPair {
  let closestNs = Number.POSITIVE_INFINITY;
  let pair = { wallMs: 0, clockNs: 0 };
  for (let reading = 0; reading < READINGS && closestNs > CLOSE_READING_NS; reading++) {
    const beforeNs = clock.nowNs();
    const wallMs = clock.wallMs();
    const afterNs = clock.nowNs();
    if (afterNs - beforeNs >= closestNs) continue;
    closestNs = afterNs - beforeNs;
    pair = { wallMs, clockNs: (beforeNs + afterNs) / 2 };
  }
  return pair;
}

function offsetOf({ wallMs, clockNs }: ClockPair): number {
  return wallMs - clockNs / NS_PER_MS;
}
