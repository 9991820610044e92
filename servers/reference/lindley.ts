import { finishNs } from './freeze.ts';
import type { Freeze } from './freeze.ts';
import type { ServiceLaw } from './service-law.ts';

export interface LindleyInput {
  /** In order of arrival; whole nanoseconds on any axis that `freeze` shares. */
  readonly arrivalsNs: ArrayLike<number>;
  /** One for all requests, one for each, or the law that gives one for each number. */
  readonly serviceTimeNs: number | ArrayLike<number> | ServiceLaw;
  /** Requests served at the same time; without it, or Infinity, nobody waits for another. */
  readonly slots?: number;
  readonly freeze?: Freeze | null;
}

/**
 * When each request leaves a first-come-first-served station: Lindley's recursion for one slot,
 * that of Kiefer and Wolfowitz for several. start = max(arrival, first slot free), and the departure
 * is start + service time + the frozen time in between.
 *
 * Written for being obviously right, with a scan over all slots for each request; the server itself
 * keeps its slots in a heap, so that the two can be held against each other.
 */
export function lindley(input: LindleyInput): Float64Array {
  const { arrivalsNs, serviceTimeNs, slots = Infinity, freeze = null } = input;
  if (!(slots >= 1)) throw new RangeError(`slots must be at least 1, not ${slots}`);
  const departuresNs = new Float64Array(arrivalsNs.length);
  const workOf = lawOf(serviceTimeNs);
  const slotFreeNs: number[] = [];
  for (let index = 0; index < arrivalsNs.length; index++) {
    const arrivalNs = arrivalsNs[index]!;
    if (index > 0 && arrivalNs < arrivalsNs[index - 1]!) {
      throw new RangeError(`arrival ${index} is earlier than the one before it`);
    }
    const slot = slots === Infinity ? 0 : firstFreeSlot(slotFreeNs, slots);
    const freeNs = slots === Infinity ? -Infinity : (slotFreeNs[slot] ?? -Infinity);
    departuresNs[index] = finishNs(Math.max(arrivalNs, freeNs), workOf(index), freeze);
    slotFreeNs[slot] = departuresNs[index]!;
  }
  return departuresNs;
}

function lawOf(serviceTimeNs: LindleyInput['serviceTimeNs']): ServiceLaw {
  if (typeof serviceTimeNs === 'function') return serviceTimeNs;
  if (typeof serviceTimeNs === 'number') return () => serviceTimeNs;
  return (request) => serviceTimeNs[request]!;
}

/** A slot never used before, else the one that is free first. */
function firstFreeSlot(slotFreeNs: readonly number[], slots: number): number {
  if (slotFreeNs.length < slots) return slotFreeNs.length;
  let first = 0;
  for (let slot = 1; slot < slotFreeNs.length; slot++) {
    if (slotFreeNs[slot]! < slotFreeNs[first]!) first = slot;
  }
  return first;
}
