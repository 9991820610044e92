import type { HttpSession } from '../vocabulary/http/http-session.ts';
import { isRecord, type TokenUsage } from './token-usage.ts';

/** The fields of the last answer, read when an expression asks for them. */
export class OpenaiResult {
  usage: TokenUsage | undefined;
  readonly #http: HttpSession;
  #readText: (() => string | undefined) | undefined;
  #text: string | undefined;

  constructor(http: HttpSession) {
    this.#http = http;
  }

  get status(): number | undefined {
    return this.#http.result['status'] as number | undefined;
  }

  get text(): string | undefined {
    if (this.#readText !== undefined) this.#text = this.#readText();
    this.#readText = undefined;
    return this.#text;
  }

  /** Of an answer in one piece. */
  get json(): unknown {
    return this.#http.result['json'];
  }

  /** Embeddings, in the order of the inputs. */
  get outputs(): readonly unknown[] | undefined {
    const data = this.#list('data');
    return data && inOrder(data).map((item) => item['embedding']);
  }

  /** Of a rerank: the indices of the documents, the best first. */
  get ids(): readonly number[] | undefined {
    const results = this.#list('results') ?? (Array.isArray(this.json) ? this.json : undefined);
    return results?.filter(isRecord).map(({ index }) => Number(index));
  }

  begin(): void {
    this.usage = undefined;
    this.#readText = undefined;
    this.#text = undefined;
  }

  /** The operation has an answer; its text is made when somebody reads it. */
  fill(usage: TokenUsage | undefined, readText: () => string | undefined): void {
    this.usage = usage;
    this.#readText = readText;
  }

  #list(name: string): readonly unknown[] | undefined {
    const { json } = this;
    const list = isRecord(json) ? json[name] : undefined;
    return Array.isArray(list) ? list : undefined;
  }
}

function inOrder(data: readonly unknown[]): Readonly<Record<string, unknown>>[] {
  return data
    .filter(isRecord)
    .toSorted((left, right) => Number(left['index'] ?? 0) - Number(right['index'] ?? 0));
}
