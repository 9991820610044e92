import type { Session } from '../driver.ts';
import type { HttpSession } from '../vocabulary/http/http-session.ts';
import type { OpenaiResult } from './openai-result.ts';

/** An HTTP session whose answers are read as those of a model. */
export class OpenaiSession implements Session {
  readonly #http: HttpSession;
  readonly #result: OpenaiResult;

  constructor(http: HttpSession, result: OpenaiResult) {
    this.#http = http;
    this.#result = result;
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

  execute(request: unknown, slot: number, ended: () => void): void {
    this.#result.begin();
    this.#http.execute(request, slot, ended);
  }

  abort(slot: number, outcome: number): void {
    this.#http.abort(slot, outcome);
  }

  close(): void {
    this.#http.close();
  }
}
