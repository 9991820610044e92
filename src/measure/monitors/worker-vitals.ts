/**
 * What a worker tells of its thread, in shared memory: sums since it began, written together.
 * `busyNs` is the time in callbacks, without turns that only waited for an arrival.
 */
export interface Vitals {
  readonly atNs: number;
  readonly busyNs: number;
  readonly spinNs: number;
  readonly cpuNs: number;
  readonly gcCount: number;
  readonly gcNs: number;
  readonly openConnections: number;
}

const FIELDS = [
  'atNs',
  'busyNs',
  'spinNs',
  'cpuNs',
  'gcCount',
  'gcNs',
  'openConnections',
] as const satisfies readonly (keyof Vitals)[];

/** Odd while the fields are being written. */
const VERSION = 0;
/** The longest garbage collection that was not read yet, in µs. */
const LONGEST_GC_US = 1;
const WORDS = 2;
/** A reader that is disturbed so often takes what it has: the fields differ by one sample then. */
const READ_ATTEMPTS = 100;

/** One writer, one reader. */
export class VitalsBoard {
  readonly memory: SharedArrayBuffer;
  readonly #fields: Float64Array;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#fields = new Float64Array(memory, 0, FIELDS.length);
    this.#words = new Int32Array(memory, FIELDS.length * 8, WORDS);
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(FIELDS.length * 8 + WORDS * 4);
  }

  write(vitals: Vitals): void {
    Atomics.add(this.#words, VERSION, 1);
    for (let field = 0; field < FIELDS.length; field++) {
      this.#fields[field] = vitals[FIELDS[field]!];
    }
    Atomics.add(this.#words, VERSION, 1);
  }

  read(): Vitals {
    let copy = this.#fields.slice();
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      const before = Atomics.load(this.#words, VERSION);
      copy = this.#fields.slice();
      if (before % 2 === 0 && before === Atomics.load(this.#words, VERSION)) break;
    }
    return Object.fromEntries(FIELDS.map((name, field) => [name, copy[field]!])) as never;
  }

  noteGarbageCollection(durationNs: number): void {
    const us = Math.floor(durationNs / 1_000);
    if (us > Atomics.load(this.#words, LONGEST_GC_US)) {
      Atomics.store(this.#words, LONGEST_GC_US, us);
    }
  }

  /** In ns, since it was taken before; 0 when there was none. */
  takeLongestGarbageCollection(): number {
    return Atomics.exchange(this.#words, LONGEST_GC_US, 0) * 1_000;
  }
}
