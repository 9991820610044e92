/** Slots by the time at which each wants to be woken, the earliest first: a binary heap. */
export class WakeQueue {
  readonly #timesNs: Float64Array;
  readonly #heap: Int32Array;
  #length = 0;

  constructor(slotCount: number) {
    this.#timesNs = new Float64Array(slotCount);
    this.#heap = new Int32Array(slotCount);
  }

  get length(): number {
    return this.#length;
  }

  /** Infinity when nobody waits. */
  get earliestNs(): number {
    return this.#length === 0 ? Infinity : this.#timesNs[this.#heap[0]!]!;
  }

  /** A slot waits for one time only. */
  push(slot: number, timeNs: number): void {
    this.#timesNs[slot] = timeNs;
    let at = this.#length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#timesNs[this.#heap[parent]!]! <= timeNs) break;
      this.#heap[at] = this.#heap[parent]!;
      at = parent;
    }
    this.#heap[at] = slot;
  }

  /** The slot of `earliestNs`; there must be one. */
  pop(): number {
    const earliest = this.#heap[0]!;
    const moved = this.#heap[--this.#length]!;
    const movedNs = this.#timesNs[moved]!;
    let at = 0;
    for (;;) {
      const child = this.#earlierChild(at);
      if (child < 0 || this.#timesNs[this.#heap[child]!]! >= movedNs) break;
      this.#heap[at] = this.#heap[child]!;
      at = child;
    }
    this.#heap[at] = moved;
    return earliest;
  }

  #earlierChild(at: number): number {
    const left = 2 * at + 1;
    const right = left + 1;
    if (left >= this.#length) return -1;
    if (right >= this.#length) return left;
    const heap = this.#heap;
    return this.#timesNs[heap[left]!]! <= this.#timesNs[heap[right]!]! ? left : right;
  }
}
