import type { Clock } from '../../../base/time/clock.ts';
import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import type { FailureReasons } from '../failure-reasons.ts';

/** A request that says something of its collection which only the server knows. */
export interface CollectionRequest<Known> {
  readonly collection: string;
  /** How to ask for it. */
  lookUp(): unknown;
  with(known: Known): unknown;
}

export interface CollectionSessionParts<Known> {
  /** Sends all kinds of requests, also those that need to know nothing. */
  readonly inner: Session;
  readonly slots: OperationSlots;
  readonly clock: Clock;
  /** How many phases the inner session writes, from the first on. */
  readonly wirePhases: number;
  /** What is known by name, which all sessions of a worker share. */
  readonly known: Map<string, Known>;
  readonly reasons: FailureReasons;
  /** What the answer to a look-up says; undefined where it says nothing of the kind. */
  read(): Known | undefined;
  /** The collection of the last request is not there any more. */
  isGone(): boolean;
}

/**
 * Whoever uses a collection first asks for what its requests have to say of it. Both are one
 * operation; the question counts as waiting for the connection, since nothing of the request could
 * be sent before.
 */
export class CollectionSession<Known> implements Session {
  readonly #parts: CollectionSessionParts<Known>;

  constructor(parts: CollectionSessionParts<Known>) {
    this.#parts = parts;
  }

  get usable(): boolean {
    return this.#parts.inner.usable;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#parts.inner.result;
  }

  connect(): Promise<boolean> {
    return this.#parts.inner.connect();
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    if (!asksOfCollection<Known>(given)) {
      this.#parts.inner.execute(given, slot, ended);
      return;
    }
    const known = this.#parts.known.get(given.collection);
    if (known === undefined) this.#lookUp(given, slot, ended);
    else this.#send(given.collection, given.with(known), slot, ended);
  }

  abort(slot: number, outcome: number): void {
    this.#parts.inner.abort(slot, outcome);
  }

  close(): void {
    this.#parts.inner.close();
  }

  #send(collection: string, request: unknown, slot: number, ended: () => void): void {
    const { inner, known } = this.#parts;
    inner.execute(request, slot, () => {
      // One of that name that is made later is another one.
      if (this.#parts.isGone()) known.delete(collection);
      ended();
    });
  }

  #lookUp(request: CollectionRequest<Known>, slot: number, ended: () => void): void {
    const { inner, slots, clock, known } = this.#parts;
    inner.execute(request.lookUp(), slot, () => {
      const found = slots.outcome[slot] === OUTCOME.ok ? this.#parts.read() : undefined;
      if (found === undefined) {
        if (slots.outcome[slot] === OUTCOME.ok) this.#refuse(slot);
        ended();
        return;
      }
      known.set(request.collection, found);
      const lookUp = this.#lookedUp(slot);
      const acquiredNs = slots.acquired[slot]!;
      // What is granted, and where the timeout counts from, is the request itself.
      slots.acquired[slot] = clock.nowNs();
      this.#send(request.collection, request.with(found), slot, () => {
        lookUp.add();
        ended();
      });
      slots.acquired[slot] = acquiredNs;
    });
  }

  #refuse(slot: number): void {
    this.#parts.reasons.count('the server does not say what the collection is');
    this.#parts.slots.outcome[slot] = OUTCOME.protocol_error;
  }

  /** What the question took: it is added to what the request takes. */
  #lookedUp(slot: number): { add(): void } {
    const { slots, wirePhases } = this.#parts;
    const bytesSent = slots.bytesSent[slot]!;
    const bytesReceived = slots.bytesReceived[slot]!;
    const phases = slots.phases.slice(0, wirePhases).map((phase) => phase[slot]!);
    slots.generation[slot]!--;
    return {
      add(): void {
        slots.bytesSent[slot]! += bytesSent;
        slots.bytesReceived[slot]! += bytesReceived;
        // A connection was opened for the question, and not for the request.
        phases.forEach((value, index) => {
          const phase = slots.phases[index]!;
          if (Number.isNaN(phase[slot])) phase[slot] = value;
        });
      },
    };
  }
}

function asksOfCollection<Known>(request: unknown): request is CollectionRequest<Known> {
  return 'lookUp' in (request as object);
}
