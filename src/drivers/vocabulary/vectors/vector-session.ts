import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import type { Session } from '../../driver.ts';
import type { BoundCall, CallSession } from './call-session.ts';
import { READY_STATES } from './vector-schemas.ts';

/** An operation, for whichever of the two paths its verb takes. */
export type VectorRequest = { readonly raw: unknown } | { readonly call: BoundCall };

export interface VectorSessionParts {
  readonly calls: CallSession;
  readonly raw: Session | undefined;
  readonly readyPhases: number;
  /** Called once when it is closed. */
  readonly forget: () => void;
}

/** One VU's use of a vector database: the measured path, and the client for what is set up. */
export class VectorSession implements Session {
  readonly #slots: OperationSlots;
  readonly #parts: VectorSessionParts;
  /** The path that a connection is kept for. */
  readonly #main: Session;
  /** The path of the last operation. */
  #active: Session;

  constructor(slots: OperationSlots, parts: VectorSessionParts) {
    this.#slots = slots;
    this.#parts = parts;
    this.#main = parts.raw ?? parts.calls;
    this.#active = this.#main;
  }

  get usable(): boolean {
    return this.#main.usable;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#active.result;
  }

  connect(): Promise<boolean> {
    return this.#main.connect();
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    const request = given as VectorRequest;
    if ('call' in request) {
      this.#active = this.#parts.calls;
      this.#active.execute(request.call, slot, ended);
      return;
    }
    this.#active = this.#parts.raw!;
    // The raw path knows nothing of them, and a `ready` may have left them there.
    for (let state = 0; state < READY_STATES.length; state++) {
      this.#slots.phases[this.#parts.readyPhases + state]![slot] = Number.NaN;
    }
    this.#active.execute(request.raw, slot, ended);
  }

  abort(slot: number, outcome: number): void {
    this.#active.abort(slot, outcome);
  }

  close(): void {
    this.#parts.raw?.close();
    this.#parts.calls.close();
    this.#parts.forget();
  }
}
