import type { RandomStream } from '../../base/random/counter-random.ts';
import { type Arrival, arrivalProcess, type ArrivalProcess } from './arrival.ts';
import type { ArrivalCurve } from './arrival-curve.ts';
import type { Share } from './share.ts';

/**
 * Part of every plan hash. Count it up whenever the same seed and the same load would give other
 * events than before.
 */
export const GENERATOR_VERSION = 1;

const UNSHARED: Share = { index: 0, count: 1 };

export interface PlanSource {
  readonly curve: ArrivalCurve;
  readonly arrival: Arrival;
  readonly stream: RandomStream;
  /** The plan ends after so many events; by default only with its curve. */
  readonly limit?: number | undefined;
}

/**
 * The intended starts of an open load: whole ns from the start of its phase, in order, the same
 * on every machine for the same source. It holds no list: cursors compute the events one by one.
 */
export class Plan {
  readonly #source: PlanSource;

  constructor(source: PlanSource) {
    this.#source = source;
  }

  /** Goes through the events of one share, or through all of them. */
  cursor(share: Share = UNSHARED): PlanCursor {
    return new PlanCursor(this.#source, share);
  }

  /** How many events the plan has. It counts them, which takes about 0.15 µs each. */
  count(): number {
    const cursor = this.cursor();
    while (cursor.offsetNs !== Infinity) cursor.advance();
    return cursor.index;
  }
}

/**
 * A place in a plan. Cursors over one plan are independent of each other; advancing one allocates
 * nothing. Events of other workers are generated too and passed over: the nth event of a Poisson
 * process is the sum of all gaps before it.
 */
export class PlanCursor {
  /** The event's number in the whole plan; at the end of the plan, how many events it has. */
  index = 0;
  /** When the event is intended, from the start of the phase; Infinity at the end of the plan. */
  offsetNs = 0;

  readonly #curve: ArrivalCurve;
  readonly #process: ArrivalProcess;
  readonly #stream: RandomStream;
  readonly #limit: number;
  readonly #untilNs: number;
  readonly #share: Share;
  #position = 0;

  constructor(source: PlanSource, share: Share) {
    this.#curve = source.curve;
    this.#process = arrivalProcess(source.arrival);
    this.#stream = source.stream;
    this.#limit = source.limit ?? Infinity;
    this.#untilNs = source.curve.durationNs;
    this.#share = share;
    this.#place();
    while (this.offsetNs !== Infinity && this.index < share.index) this.#step();
  }

  /** The number of the iteration that the event starts; there must be an event. */
  get iteration(): number {
    const { numbers } = this.#curve;
    return numbers === undefined ? this.index : numbers[this.index]!;
  }

  /** Moves to the next event of the share; does nothing at the end of the plan. */
  advance(): void {
    for (let left = this.#share.count; left > 0 && this.offsetNs !== Infinity; left--) this.#step();
  }

  /** Goes to where `other`, a cursor over the same share of the same plan, is. */
  moveTo(other: PlanCursor): void {
    this.index = other.index;
    this.offsetNs = other.offsetNs;
    this.#position = other.#position;
  }

  #step(): void {
    this.index++;
    this.#place();
  }

  #place(): void {
    if (this.index >= this.#limit) {
      this.offsetNs = Infinity;
      return;
    }
    this.#position = this.#process.position(this.#stream, this.index, this.#position);
    // Two events closer than the rounding of the curve's inverse must not change places.
    const offsetNs = Math.max(this.offsetNs, Math.round(this.#curve.timeAt(this.#position)));
    this.offsetNs = offsetNs < this.#untilNs ? offsetNs : Infinity;
  }
}
