import type { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../measure/metrics/outcome.ts';
import type { Clock } from '../../base/time/clock.ts';
import type { Session } from '../driver.ts';
import type { HttpSession } from '../vocabulary/http/http-session.ts';
import { CONNECT_TIME, TLS_TIME } from '../vocabulary/http/http-phases.ts';
import { RawHttpSession } from '../vocabulary/vectors/raw-http-session.ts';
import type { ChromaRequest } from './chroma-requests.ts';

export interface ChromaSessionParts {
  readonly http: HttpSession;
  readonly slots: OperationSlots;
  readonly clock: Clock;
  /** Ids of collections by name, which all sessions of a worker share. */
  readonly collectionIds: Map<string, string>;
}

const NOT_FOUND = 404;

/**
 * Requests name a collection by its id, so whoever uses one first asks for it: that counts as
 * waiting for the connection, since nothing of the request could be sent before.
 */
export class ChromaSession implements Session {
  readonly #parts: ChromaSessionParts;
  readonly #raw: RawHttpSession;

  constructor(parts: ChromaSessionParts) {
    this.#parts = parts;
    this.#raw = new RawHttpSession(parts.http, parts.slots);
  }

  get usable(): boolean {
    return this.#raw.usable;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#raw.result;
  }

  connect(): Promise<boolean> {
    return this.#raw.connect();
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    const request = given as ChromaRequest;
    const id = this.#parts.collectionIds.get(request.collection);
    if (id === undefined) this.#lookUp(request, slot, ended);
    else this.#send(request, { id, slot }, ended);
  }

  abort(slot: number, outcome: number): void {
    this.#raw.abort(slot, outcome);
  }

  close(): void {
    this.#raw.close();
  }

  #send(
    request: ChromaRequest,
    { id, slot }: { readonly id: string; readonly slot: number },
    ended: () => void,
  ): void {
    this.#raw.execute(request.withId(id), slot, () => {
      // It was dropped: one of that name that is made later has another id.
      if (this.#raw.status === NOT_FOUND) this.#parts.collectionIds.delete(request.collection);
      ended();
    });
  }

  #lookUp(request: ChromaRequest, slot: number, ended: () => void): void {
    const { slots, clock, collectionIds, http } = this.#parts;
    this.#raw.execute(request.lookUp(), slot, () => {
      const id = (http.result['json'] as { readonly id?: unknown } | undefined)?.id;
      if (slots.outcome[slot] !== OUTCOME.ok) ended();
      else if (typeof id !== 'string') {
        slots.outcome[slot] = OUTCOME.protocol_error;
        ended();
      } else {
        collectionIds.set(request.collection, id);
        const lookUp = lookedUp(slots, slot);
        const acquiredNs = slots.acquired[slot]!;
        // What is granted, and where the timeout counts from, is the request itself.
        slots.acquired[slot] = clock.nowNs();
        this.#send(request, { id, slot }, () => {
          lookUp.add();
          ended();
        });
        slots.acquired[slot] = acquiredNs;
      }
    });
  }
}

/** What looking the id up took: both requests are one operation. */
function lookedUp(slots: OperationSlots, slot: number) {
  const bytesSent = slots.bytesSent[slot]!;
  const bytesReceived = slots.bytesReceived[slot]!;
  const connectTimeNs = slots.phases[CONNECT_TIME]![slot]!;
  const tlsTimeNs = slots.phases[TLS_TIME]![slot]!;
  slots.generation[slot]!--;
  return {
    add(): void {
      slots.bytesSent[slot]! += bytesSent;
      slots.bytesReceived[slot]! += bytesReceived;
      slots.phases[CONNECT_TIME]![slot] = connectTimeNs;
      slots.phases[TLS_TIME]![slot] = tlsTimeNs;
    },
  };
}
