import type { Session } from '../../driver.ts';
import type { HttpClient } from '../../vocabulary/http/http-client.ts';
import type { HttpSession } from '../../vocabulary/http/http-session.ts';
import { HttpAnswers } from './http-answers.ts';

/** A session over HTTP whose answers are tensors. */
export class KserveHttpSession implements Session {
  readonly #inner: HttpSession;
  readonly #answers: HttpAnswers;
  readonly result: Readonly<Record<string, unknown>>;

  constructor(client: HttpClient, slot: number) {
    this.#answers = new HttpAnswers(client, () => this.#inner.answerHead);
    this.#inner = client.open(slot, this.#answers);
    this.result = resultOf(this.#inner, this.#answers);
  }

  get usable(): boolean {
    return this.#inner.usable;
  }

  connect(): Promise<boolean> {
    return this.#inner.connect();
  }

  execute(request: unknown, slot: number, ended: () => void): void {
    this.#answers.clear();
    this.#inner.execute(request, slot, ended);
  }

  abort(slot: number, outcome: number): void {
    this.#inner.abort(slot, outcome);
  }

  close(): void {
    this.#inner.close();
  }
}

/** Each field is read from the answer when an expression asks for it. */
function resultOf(
  { result }: HttpSession,
  answers: HttpAnswers,
): Readonly<Record<string, unknown>> {
  return {
    get status() {
      return result['status'];
    },
    get outputs() {
      return answers.outputs;
    },
    get responses() {
      return answers.responses;
    },
    get parameters() {
      return answers.parameters;
    },
    get error() {
      return answers.streamError ?? errorOf(result['json']);
    },
  };
}

/** Servers answer what they refuse with `{"error": "..."}`. */
function errorOf(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('error' in json)) return undefined;
  return String(json.error);
}
