import { WakeQueue } from './wake-queue.ts';

/** Until when the iterations of VUs may run that a ramp takes away. */
export class RampDowns {
  readonly #queue: WakeQueue;
  readonly #deadlinesNs: Float64Array;
  /** A slot is in the queue once, at a time no later than its deadline. */
  readonly #queued: Uint8Array;

  constructor(slotCount: number) {
    this.#queue = new WakeQueue(slotCount);
    this.#deadlinesNs = new Float64Array(slotCount);
    this.#queued = new Uint8Array(slotCount);
  }

  /** In place of the deadline that the slot had, and no earlier; Infinity: it has none. */
  expect(slot: number, deadlineNs: number): void {
    this.#deadlinesNs[slot] = deadlineNs;
    if (this.#queued[slot] === 1 || deadlineNs === Infinity) return;
    this.#queued[slot] = 1;
    this.#queue.push(slot, deadlineNs);
  }

  /** Hands over the slots whose deadline has passed, each once. */
  passed(nowNs: number, over: (slot: number) => void): void {
    while (this.#queue.earliestNs <= nowNs) {
      const slot = this.#queue.pop();
      this.#queued[slot] = 0;
      const deadlineNs = this.#deadlinesNs[slot]!;
      if (deadlineNs > nowNs) this.expect(slot, deadlineNs);
      else over(slot);
    }
  }

  forget(): void {
    while (this.#queue.length > 0) this.#queued[this.#queue.pop()] = 0;
  }
}
