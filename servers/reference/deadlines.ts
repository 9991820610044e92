import { monotonicNs } from './clock.ts';

interface Deadline {
  readonly dueNs: number;
  /** Deadlines due at the same moment run in the order in which they were set. */
  readonly order: number;
  readonly action: () => void;
}

/** A timer may fire this much late; over that distance the loop turns without sleeping. */
const spinNs = 2_000_000;
/** After this many actions the loop looks for arrivals: a burst must not delay their stamps. */
const actionsPerTurn = 8;
/**
 * A turn that finds nothing due looks at the clock this long before it lets the loop look for
 * arrivals. It costs their stamps half of it on average, and saves garbage: each turn of the loop
 * leaves some behind, and collecting it costs milliseconds.
 */
const lookNs = 5_000;
const longestTimerMs = 2 ** 31 - 1;

/**
 * Runs actions at absolute moments of the monotonic clock, within microseconds as long as the
 * thread has a core: a timer brings it near, `setImmediate` turns over the last two milliseconds.
 */
export class Deadlines {
  readonly #heap: Deadline[] = [];
  readonly #turnBound: () => void = () => this.#turn();
  #order = 0;
  #spinning: NodeJS.Immediate | null = null;
  #timer: NodeJS.Timeout | null = null;
  #timerForNs = Infinity;

  get pending(): number {
    return this.#heap.length;
  }

  at(dueNs: number, action: () => void): void {
    push(this.#heap, { dueNs, order: this.#order++, action });
    if (this.#spinning === null && dueNs < this.#timerForNs) this.#wait();
  }

  /** Forgets everything that is not yet due. */
  stop(): void {
    this.#heap.length = 0;
    this.#clearTimer();
    if (this.#spinning !== null) clearImmediate(this.#spinning);
    this.#spinning = null;
  }

  /** Arranges to be woken before the first deadline, by whatever means its distance asks for. */
  #wait(): void {
    this.#clearTimer();
    this.#spinning = null;
    const first = this.#heap[0];
    if (first === undefined) return;
    const remainingNs = first.dueNs - monotonicNs();
    if (remainingNs <= spinNs) {
      this.#spinning = setImmediate(this.#turnBound);
      return;
    }
    const delayMs = Math.min(Math.floor((remainingNs - spinNs) / 1e6), longestTimerMs);
    this.#timerForNs = first.dueNs;
    this.#timer = setTimeout(() => this.#wait(), delayMs);
  }

  #turn(): void {
    const firstDueNs = this.#heap[0]?.dueNs ?? 0;
    const lookUntilNs = Math.min(firstDueNs, monotonicNs() + lookNs);
    while (monotonicNs() < lookUntilNs);
    for (let run = 0; run < actionsPerTurn; run++) {
      const first = this.#heap[0];
      if (first === undefined || first.dueNs > monotonicNs()) break;
      pop(this.#heap);
      first.action();
    }
    this.#wait();
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerForNs = Infinity;
  }
}

function isBefore(left: Deadline, right: Deadline): boolean {
  return left.dueNs < right.dueNs || (left.dueNs === right.dueNs && left.order < right.order);
}

function push(heap: Deadline[], deadline: Deadline): void {
  let hole = heap.length;
  heap.push(deadline);
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    if (!isBefore(deadline, heap[parent]!)) break;
    heap[hole] = heap[parent]!;
    hole = parent;
  }
  heap[hole] = deadline;
}

/** Removes the first deadline; the caller has read it at index 0. */
function pop(heap: Deadline[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (!isBefore(heap[child]!, last)) break;
    heap[hole] = heap[child]!;
    hole = child;
  }
  heap[hole] = last;
}
