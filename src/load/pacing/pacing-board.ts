import { NS_PER_SECOND } from '../../base/time/clock.ts';

const NS_PER_US = 1000;
/** Longer waits are cut into several: a difference of two wrapped times must keep its sign. */
const LONGEST_WAIT_NS = 600 * NS_PER_SECOND;

// Words of the header.
const BELL = 0;
const SLEEPING_UNTIL = 1;
const CLOSED = 2;
const HEADER_WORDS = 3;
// Words of a place.
const WAKE_AT = 0;
const GONG = 1;
const PLACE_WORDS = 2;

/** In WAKE_AT: nobody waits. In SLEEPING_UNTIL: the thread is awake and must be rung for. */
const NONE = 0;

/**
 * The shared memory between the pacing thread and the threads it wakes: per place the time at
 * which to wake, in whole µs modulo 2³², compared by the sign of the difference.
 */
export class PacingBoard {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #places: number;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#places = (this.#words.length - HEADER_WORDS) / PLACE_WORDS;
  }

  static allocate(places: number): SharedArrayBuffer {
    const words = HEADER_WORDS + places * PLACE_WORDS;
    return new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Traffic thread: asks to be woken at `wakeNs`. */
  ask(place: number, wakeNs: number, nowNs: number): void {
    // Rounded up, so that nobody is woken before the time.
    const wake = stamp(Math.min(wakeNs, nowNs + LONGEST_WAIT_NS) + NS_PER_US - 1);
    Atomics.store(this.#words, wordOf(place, WAKE_AT), wake);
    const sleepingUntil = Atomics.load(this.#words, SLEEPING_UNTIL);
    if (sleepingUntil !== NONE && ((wake - sleepingUntil) | 0) >= 0) return;
    Atomics.add(this.#words, BELL, 1);
    Atomics.notify(this.#words, BELL);
  }

  withdraw(place: number): void {
    Atomics.store(this.#words, wordOf(place, WAKE_AT), NONE);
  }

  /** Traffic thread: resolves at the next wake-up of `place`. Does not keep its thread alive. */
  woken(place: number): Promise<unknown> {
    const word = wordOf(place, GONG);
    const { async, value } = Atomics.waitAsync(this.#words, word, Atomics.load(this.#words, word));
    return async ? value : Promise.resolve(value);
  }

  strike(place: number): void {
    Atomics.add(this.#words, wordOf(place, GONG), 1);
    Atomics.notify(this.#words, wordOf(place, GONG));
  }

  get closed(): boolean {
    return Atomics.load(this.#words, CLOSED) === 1;
  }

  close(): void {
    Atomics.store(this.#words, CLOSED, 1);
    Atomics.add(this.#words, BELL, 1);
    Atomics.notify(this.#words, BELL);
  }

  /** Pacing thread: what `sleep` compares with, read before `wakeDue`, so that no bell is missed. */
  get bell(): number {
    return Atomics.load(this.#words, BELL);
  }

  /** Pacing thread: wakes everybody whose time has come; ns until the next, Infinity if none. */
  wakeDue(nowNs: number): number {
    const now = stamp(nowNs);
    let soonestUs = Infinity;
    for (let place = 0; place < this.#places; place++) {
      const word = wordOf(place, WAKE_AT);
      const wake = Atomics.load(this.#words, word);
      if (wake === NONE) continue;
      const leftUs = (wake - now) | 0;
      if (leftUs > 0) soonestUs = Math.min(soonestUs, leftUs);
      else if (Atomics.compareExchange(this.#words, word, wake, NONE) === wake) this.strike(place);
      else soonestUs = 0; // It was asked for again meanwhile: look once more.
    }
    return soonestUs * NS_PER_US;
  }

  /** Pacing thread: blocks for `ns`, or until somebody rings. */
  sleep(bell: number, nowNs: number, ns: number): void {
    Atomics.store(this.#words, SLEEPING_UNTIL, stamp(nowNs + ns));
    Atomics.wait(this.#words, BELL, bell, ns / 1e6);
    Atomics.store(this.#words, SLEEPING_UNTIL, NONE);
  }
}

function wordOf(place: number, word: number): number {
  return HEADER_WORDS + place * PLACE_WORDS + word;
}

/** Whole µs, rounded down, modulo 2³²; never NONE. */
function stamp(ns: number): number {
  return Math.floor(ns / NS_PER_US) | 0 || 1;
}
