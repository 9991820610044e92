import type { OperationSlots } from './operation-slots.ts';

/**
 * What the raw log keeps of every operation: one double each, in this order. Behind them come the
 * values of its driver and step: phases such as `ttft`, NaN where there was none.
 */
export const SAMPLE_FIELDS = [
  'lane',
  'phase',
  'iteration',
  'intended',
  'picked',
  'acquired',
  'granted',
  'sent',
  'done',
  'free',
  'outcome',
] as const;

const FIELDS = SAMPLE_FIELDS.length;
/** Room for 0.6 s at 100,000 operations a second; the runner empties it every 50 ms. */
const CAPACITY = 2 ** 16;

/** Counts of records, which wrap at 2^32. */
const WORD = { written: 0, taken: 1, dropped: 2, count: 3 };

/** Memory between one worker, which writes, and the runner, which takes. */
export interface SampleMemory {
  readonly words: SharedArrayBuffer;
  readonly records: SharedArrayBuffer;
  /** Numbers a record. */
  readonly width: number;
}

/** `values`: how many each operation has behind the fields. */
export function allocateSamples(values: number, capacity = CAPACITY): SampleMemory {
  const width = FIELDS + values;
  return {
    width,
    words: new SharedArrayBuffer(WORD.count * Int32Array.BYTES_PER_ELEMENT),
    records: new SharedArrayBuffer(capacity * width * Float64Array.BYTES_PER_ELEMENT),
  };
}

/** The worker's side: a copy of some numbers an operation, and nothing allocated. */
export class SampleWriter {
  readonly #words: Int32Array;
  readonly #records: Float64Array;
  readonly #width: number;
  readonly #capacity: number;

  constructor({ words, records, width }: SampleMemory) {
    this.#words = new Int32Array(words);
    this.#records = new Float64Array(records);
    this.#width = width;
    this.#capacity = this.#records.length / width;
  }

  /** What does not fit is counted and left out: a worker never waits for the disk. */
  write(phase: number, lane: number, slot: number, slots: OperationSlots): void {
    const written = Atomics.load(this.#words, WORD.written);
    if ((written - Atomics.load(this.#words, WORD.taken)) >>> 0 >= this.#capacity) {
      Atomics.add(this.#words, WORD.dropped, 1);
      return;
    }
    const records = this.#records;
    const sent = slots.sent[slot]!;
    const width = this.#width;
    let at = ((written >>> 0) % this.#capacity) * width;
    records[at++] = lane;
    records[at++] = phase;
    records[at++] = slots.iteration[slot]!;
    records[at++] = slots.intended[slot]!;
    records[at++] = slots.picked[slot]!;
    records[at++] = slots.acquired[slot]!;
    // Of what was never sent these are still those of the operation before in this slot.
    records[at++] = sent === 0 ? Number.NaN : slots.granted[slot]!;
    records[at++] = sent === 0 ? Number.NaN : sent;
    records[at++] = slots.done[slot]!;
    records[at++] = sent === 0 ? Number.NaN : slots.free[slot]!;
    records[at++] = slots.outcome[slot]!;
    const { phases } = slots;
    for (let value = 0; value < width - FIELDS; value++) records[at++] = phases[value]![slot]!;
    Atomics.store(this.#words, WORD.written, (written + 1) | 0);
  }
}

/** The runner's side. */
export class SampleReader {
  readonly #words: Int32Array;
  readonly #records: Uint8Array;
  readonly #recordBytes: number;
  readonly #capacity: number;

  constructor({ words, records, width }: SampleMemory) {
    this.#words = new Int32Array(words);
    this.#records = new Uint8Array(records);
    this.#recordBytes = width * Float64Array.BYTES_PER_ELEMENT;
    this.#capacity = this.#records.length / this.#recordBytes;
  }

  get dropped(): number {
    return Atomics.load(this.#words, WORD.dropped) >>> 0;
  }

  /** Whole records that were written since the call before, as bytes; empty when there are none. */
  take(): Uint8Array {
    const taken = Atomics.load(this.#words, WORD.taken);
    const count = (Atomics.load(this.#words, WORD.written) - taken) >>> 0;
    const bytes = new Uint8Array(count * this.#recordBytes);
    const first = (taken >>> 0) % this.#capacity;
    const untilEnd = Math.min(count, this.#capacity - first);
    const from = first * this.#recordBytes;
    bytes.set(this.#records.subarray(from, from + untilEnd * this.#recordBytes));
    const rest = (count - untilEnd) * this.#recordBytes;
    bytes.set(this.#records.subarray(0, rest), untilEnd * this.#recordBytes);
    Atomics.store(this.#words, WORD.taken, (taken + count) | 0);
    return bytes;
  }
}
