/**
 * The slots that run nothing. An open phase takes the one that has been idle longest, so that all
 * connections stay in use; a closed one claims each slot for its VU.
 */
export class IdleSlots {
  /** Per slot, a count that grows with every release; BUSY while it runs something. */
  readonly #idleSince: Float64Array;
  #releases = 0;
  /** Slots below are given out by `take`. */
  #limit = 0;
  /** A ring of at most `limit` slots, oldest first. */
  #ring = new Int32Array(0);
  #head = 0;
  #length = 0;

  constructor(slotCount: number) {
    this.#idleSince = new Float64Array(slotCount);
  }

  /** From now on `take` gives out the slots below `limit`; with 0, none. */
  open(limit: number): void {
    const idle: number[] = [];
    for (let slot = 0; slot < limit; slot++) {
      if (this.#idleSince[slot] !== BUSY) idle.push(slot);
    }
    idle.sort((one, other) => this.#idleSince[one]! - this.#idleSince[other]! || one - other);
    this.#limit = limit;
    this.#ring = new Int32Array(Math.max(1, limit));
    this.#ring.set(idle);
    this.#head = 0;
    this.#length = idle.length;
  }

  get available(): boolean {
    return this.#length > 0;
  }

  /** The slot that has been idle longest, or -1. */
  take(): number {
    if (this.#length === 0) return -1;
    const slot = this.#ring[this.#head]!;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#length--;
    this.#idleSince[slot] = BUSY;
    return slot;
  }

  /** Takes this very slot, while none is given out by `take`; false when it is busy. */
  claim(slot: number): boolean {
    if (this.#idleSince[slot] === BUSY) return false;
    this.#idleSince[slot] = BUSY;
    return true;
  }

  release(slot: number): void {
    this.#idleSince[slot] = ++this.#releases;
    if (slot >= this.#limit) return;
    this.#ring[(this.#head + this.#length) % this.#ring.length] = slot;
    this.#length++;
  }
}

const BUSY = -1;
