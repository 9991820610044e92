import { finishNs } from './freeze.ts';
import type { Freeze } from './freeze.ts';

/**
 * The modelled service station: gives each request, at its arrival, the moment at which it is due to
 * leave. First come, first served, so nothing that arrives later can change it. Slots are taken up
 * by due departures, not by actual ones: what the process is late by does not add up.
 */
export class Station {
  readonly #freeze: Freeze | null;
  /** A binary heap of the moments at which slots get free; null: as many slots as requests. */
  readonly #slotFreeNs: Float64Array | null;

  constructor(slots: number, freeze: Freeze | null) {
    this.#freeze = freeze;
    this.#slotFreeNs = slots === Infinity ? null : new Float64Array(slots).fill(-Infinity);
  }

  /** Calls must be made in order of arrival. */
  departureNs(arrivalNs: number, serviceTimeNs: number): number {
    const heap = this.#slotFreeNs;
    if (heap === null) return finishNs(arrivalNs, serviceTimeNs, this.#freeze);
    const startNs = Math.max(arrivalNs, heap[0]!);
    const departureNs = finishNs(startNs, serviceTimeNs, this.#freeze);
    replaceFirst(heap, departureNs);
    return departureNs;
  }
}

function replaceFirst(heap: Float64Array, value: number): void {
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= value) break;
    heap[hole] = heap[child]!;
    hole = child;
  }
  heap[hole] = value;
}
