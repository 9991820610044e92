import type { BodyDecoder } from '../../wire/body/body-decoder.ts';

/** The fields of the last answer, as expressions read them. */
export class SdkResult {
  status: number | undefined;
  headers: Readonly<Record<string, string>> | undefined;
  readonly #decoder: BodyDecoder | undefined;
  #chunks: Buffer[] = [];
  #coding: string | undefined;
  #keepsBody = false;
  #text: string | undefined;
  #isTextRead = false;
  #json: unknown;
  #isJsonRead = false;

  constructor(decoder: BodyDecoder | undefined) {
    this.#decoder = decoder;
  }

  get text(): string | undefined {
    if (!this.#isTextRead && this.#keepsBody) {
      const body = Buffer.concat(this.#chunks);
      const coding = this.#decoder && this.#coding;
      const bytes = coding === undefined ? body : this.#decoder!.decode(coding, body);
      this.#text = bytes?.toString('utf8');
      this.#isTextRead = true;
    }
    return this.#text;
  }

  /** Undefined also where the body is no JSON. */
  get json(): unknown {
    if (!this.#isJsonRead) {
      this.#isJsonRead = true;
      try {
        this.#json = JSON.parse(this.text ?? '');
      } catch {
        this.#json = undefined;
      }
    }
    return this.#json;
  }

  fill(answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    /** Undefined where nothing reads it. */
    readonly chunks: Buffer[] | undefined;
    readonly keepHead: boolean;
  }): void {
    this.status = answer.status;
    this.headers = answer.keepHead ? answer.headers : undefined;
    this.#coding = answer.headers['content-encoding'];
    this.#keepsBody = answer.chunks !== undefined;
    this.#chunks = answer.chunks ?? [];
  }

  clear(): void {
    this.status = undefined;
    this.headers = undefined;
    this.#chunks = [];
    this.#keepsBody = false;
    this.#text = undefined;
    this.#isTextRead = false;
    this.#json = undefined;
    this.#isJsonRead = false;
  }
}
