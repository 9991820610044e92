/** Values of one metric that are kept of one operation; what is beyond it is counted. */
export const SAMPLES_LIMIT = 8_192;

/** Room that a slot begins with: most operations have a few values or none. */
const FIRST_ROOM = 16;

/**
 * A metric of which one operation has any number of values, by slot: the gaps between the chunks of
 * a streamed answer. They stay here until the operation ends, since only then its phase and outcome
 * are known. A slot keeps the room it has grown to, so that a steady load allocates nothing.
 */
export class SlotSamples {
  readonly #values: Float64Array[];
  readonly #counts: Int32Array;
  readonly #leftOut: Float64Array;
  readonly #largest: Float64Array;

  constructor(slotCount: number) {
    this.#values = Array.from({ length: slotCount }, () => NO_VALUES);
    this.#counts = new Int32Array(slotCount);
    this.#leftOut = new Float64Array(slotCount);
    this.#largest = new Float64Array(slotCount).fill(Number.NEGATIVE_INFINITY);
  }

  /** One value of the operation in `slot`, in the unit of the metric. */
  add(slot: number, value: number): void {
    if (value > this.#largest[slot]!) this.#largest[slot] = value;
    const count = this.#counts[slot]!;
    if (count === SAMPLES_LIMIT) {
      this.#leftOut[slot]!++;
      return;
    }
    let values = this.#values[slot]!;
    if (count === values.length) {
      values = new Float64Array(Math.max(FIRST_ROOM, 2 * count));
      values.set(this.#values[slot]!);
      this.#values[slot] = values;
    }
    values[count] = value;
    this.#counts[slot] = count + 1;
  }

  count(slot: number): number {
    return this.#counts[slot]!;
  }

  /** The value at `index`, from 0, in the order in which they were added. */
  valueAt(slot: number, index: number): number {
    return this.#values[slot]![index]!;
  }

  /** Values beyond the limit. */
  leftOut(slot: number): number {
    return this.#leftOut[slot]!;
  }

  /** Of all values, also of those beyond the limit; -Infinity where there is none. */
  largest(slot: number): number {
    return this.#largest[slot]!;
  }

  clear(slot: number): void {
    this.#counts[slot] = 0;
    this.#leftOut[slot] = 0;
    this.#largest[slot] = Number.NEGATIVE_INFINITY;
  }
}

const NO_VALUES = new Float64Array(0);
