import type { BodyDecoder } from '../../wire/body/body-decoder.ts';
import type { KeptBytes } from '../../wire/http1/kept-bytes.ts';

/** A complete answer, of whatever version of HTTP. */
export interface KeptAnswer {
  readonly status: number;
  /** The body without its framing, where it was kept. */
  readonly body: KeptBytes;
  /** The header fields, where they were kept: by lower-case name, values joined by commas. */
  fields(): Readonly<Record<string, string>>;
}

/**
 * The fields of the last answer, read from its bytes when an expression asks for them. Everything
 * is undefined while there is no answer, and so is what the step did not ask to be kept.
 */
export class HttpResult {
  readonly #answer: KeptAnswer;
  /** Where answers may be compressed. */
  readonly #decoder: BodyDecoder | undefined;
  #hasAnswer = false;
  #keepsBody = false;
  #keepsHead = false;
  #text: string | undefined;
  #textIsRead = false;
  #json: unknown;
  #jsonIsRead = false;
  #headers: Readonly<Record<string, string>> | undefined;

  constructor(answer: KeptAnswer, decoder?: BodyDecoder) {
    this.#answer = answer;
    this.#decoder = decoder;
  }

  get status(): number | undefined {
    return this.#hasAnswer ? this.#answer.status : undefined;
  }

  get text(): string | undefined {
    if (!this.#textIsRead && this.#keepsBody) {
      this.#text = this.#readText();
      this.#textIsRead = true;
    }
    return this.#text;
  }

  #readText(): string | undefined {
    const { body } = this.#answer;
    const coding = this.#decoder && this.headers?.['content-encoding'];
    if (coding === undefined) return body.utf8();
    return this.#decoder!.decode(coding, body.bytes.subarray(0, body.length))?.toString('utf8');
  }

  /** Undefined also where the body is no JSON. */
  get json(): unknown {
    if (!this.#jsonIsRead && this.#keepsBody) {
      this.#json = parsedJson(this.text ?? '');
      this.#jsonIsRead = true;
    }
    return this.#json;
  }

  /** By lower-case name. */
  get headers(): Readonly<Record<string, string>> | undefined {
    if (this.#keepsHead) this.#headers ??= this.#answer.fields();
    return this.#headers;
  }

  /** The answer is complete. */
  fill(kept: { readonly keepBody: boolean; readonly keepHead: boolean }): void {
    this.#hasAnswer = true;
    this.#keepsBody = kept.keepBody;
    this.#keepsHead = kept.keepHead;
  }

  clear(): void {
    this.#hasAnswer = false;
    if (!this.#keepsBody && !this.#keepsHead) return;
    this.#keepsBody = false;
    this.#keepsHead = false;
    this.#text = undefined;
    this.#textIsRead = false;
    this.#json = undefined;
    this.#jsonIsRead = false;
    this.#headers = undefined;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
