import type { OperationSlots } from '../../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { Session } from '../../driver.ts';
import type { HttpRequest } from '../http/http-request.ts';
import type { HttpSession } from '../http/http-session.ts';
import { VectorResult, type VectorAnswer } from './vector-result.ts';

/** A request over our own sockets, and how its answer is read where somebody wants to know. */
export interface RawHttpRequest {
  readonly http: HttpRequest;
  read(session: HttpSession): VectorAnswer;
}

/** A connection of the HTTP client whose answers are read as those of a vector database. */
export class RawHttpSession implements Session {
  readonly #http: HttpSession;
  readonly #slots: OperationSlots;
  readonly #result = new VectorResult();
  #slot = 0;
  #read: RawHttpRequest['read'] = () => ({});
  #ended: () => void = () => {};

  constructor(http: HttpSession, slots: OperationSlots) {
    this.#http = http;
    this.#slots = slots;
  }

  get usable(): boolean {
    return this.#http.usable;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#result as unknown as Readonly<Record<string, unknown>>;
  }

  connect(): Promise<boolean> {
    return this.#http.connect();
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    const { http, read } = given as RawHttpRequest;
    this.#slot = slot;
    this.#read = read;
    this.#ended = ended;
    this.#result.clear();
    this.#http.execute(http, slot, this.#answered);
  }

  abort(slot: number, outcome: number): void {
    this.#http.abort(slot, outcome);
  }

  close(): void {
    this.#http.close();
  }

  readonly #answered = (): void => {
    const isOk = this.#slots.outcome[this.#slot] === OUTCOME.ok;
    if (isOk) this.#result.fillLater(() => this.#read(this.#http));
    this.#ended();
  };
}
