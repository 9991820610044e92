import {
  HTTP1_BODY_LIMIT_BYTES,
  HTTP1_INTERIM_LIMIT,
  HTTP1_KEPT_BODY_LIMIT_BYTES,
} from '../../wire/http1/limits.ts';
import { KeptBytes } from '../../wire/http1/kept-bytes.ts';
import type { ResponseExpectation } from '../../wire/http1/response-parser.ts';
import type { HeaderField } from '../../wire/http2/hpack/static-table.ts';
import type { KeptAnswer } from '../../vocabulary/http/http-result.ts';

/** RFC 9113 section 8.2.1: a token without capital letters. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// oxlint-disable-next-line no-control-regex -- what RFC 9113 section 8.2.1 forbids in a value
const BAD_VALUE = /[\0\r\n]/;
const STATUS = /^[1-9]\d\d$/;
/** Fifteen digits are a safe integer, and far beyond any body that is accepted. */
const LENGTH = /^\d{1,15}$/;
/** Section 8.2.2: they make an answer malformed. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
const NO_LENGTH = -1;
const NO_FIELDS: readonly HeaderField[] = [];

/**
 * Reads one answer after another from the frames of their streams, as strictly as those of HTTP/1.1
 * are read (RFC 9113 section 8.1). Each step returns why the answer is refused, or undefined.
 */
export class Http2Answer implements KeptAnswer {
  /** 0 until the final header fields have come. */
  status = 0;
  readonly body: KeptBytes = new KeptBytes();
  #expectation: ResponseExpectation = { bodiless: false, keepHead: false, keepBody: false };
  #fields = NO_FIELDS;
  #contentLength = NO_LENGTH;
  #bodyBytes = 0;
  #interimAnswers = 0;

  begin(expectation: ResponseExpectation): void {
    this.#expectation = expectation;
    this.status = 0;
    this.#fields = NO_FIELDS;
    this.#contentLength = NO_LENGTH;
    this.#bodyBytes = 0;
    this.#interimAnswers = 0;
    if (this.body.length !== 0) this.body.clear();
  }

  /** A whole header block: interim, final, or what follows the body. */
  takeFields(fields: readonly HeaderField[], isLast: boolean): string | undefined {
    if (this.status !== 0) return this.#takeTrailers(fields, isLast);
    const refused = this.#takeHead(fields);
    if (refused !== undefined) return refused;
    if (this.status < 200) return this.#takeInterim(isLast);
    return isLast ? this.takeEnd() : undefined;
  }

  takeData(bytes: Buffer, from: number, to: number): string | undefined {
    if (this.status === 0) return 'data before header fields';
    if (this.#hasNoBody) return 'a body where none may be';
    this.#bodyBytes += to - from;
    const { keepBody } = this.#expectation;
    const limitBytes = keepBody ? HTTP1_KEPT_BODY_LIMIT_BYTES : HTTP1_BODY_LIMIT_BYTES;
    if (this.#bodyBytes > limitBytes) {
      return `${keepBody ? 'kept body' : 'body'} over ${limitBytes / 2 ** 20} MiB`;
    }
    if (this.#contentLength !== NO_LENGTH && this.#bodyBytes > this.#contentLength) {
      return 'a body longer than its content-length';
    }
    if (keepBody) this.body.append(bytes, from, to);
    return undefined;
  }

  /** The stream ended in order. */
  takeEnd(): string | undefined {
    if (this.status === 0) return 'no header fields';
    const isShort = this.#contentLength !== NO_LENGTH && this.#bodyBytes < this.#contentLength;
    return isShort && !this.#hasNoBody ? 'a body shorter than its content-length' : undefined;
  }

  fields(): Record<string, string> {
    const named: Record<string, string> = {};
    for (const { name, value } of this.#fields) {
      if (name.startsWith(':')) continue;
      named[name] = Object.hasOwn(named, name) ? `${named[name]}, ${value}` : value;
    }
    return named;
  }

  /** Each value of the fields called `name`, in their order. */
  valuesOf(name: string): string[] {
    return this.#fields.filter((field) => field.name === name).map(({ value }) => value);
  }

  get #hasNoBody(): boolean {
    return this.#expectation.bodiless || this.status === 204 || this.status === 304;
  }

  #takeHead(fields: readonly HeaderField[]): string | undefined {
    const [first] = fields;
    if (first?.name !== ':status' || !STATUS.test(first.value)) return 'bad status';
    for (let at = 1; at < fields.length; at++) {
      const field = fields[at]!;
      const refused = this.#takeField(field);
      if (refused !== undefined) return refused;
    }
    this.status = Number(first.value);
    this.#fields = fields;
    return undefined;
  }

  #takeField({ name, value }: HeaderField): string | undefined {
    const refused = refusal(name, value);
    if (refused !== undefined || name !== 'content-length') return refused;
    if (!LENGTH.test(value)) return 'bad content-length';
    const length = Number(value);
    if (this.#contentLength !== NO_LENGTH && this.#contentLength !== length) {
      return 'two content-lengths that differ';
    }
    this.#contentLength = length;
    return undefined;
  }

  #takeInterim(isLast: boolean): string | undefined {
    if (this.status === 101) return 'protocol switch (101)';
    if (isLast) return 'an interim answer that ends the stream';
    if (++this.#interimAnswers > HTTP1_INTERIM_LIMIT) {
      return `more than ${HTTP1_INTERIM_LIMIT} interim responses`;
    }
    this.status = 0;
    this.#contentLength = NO_LENGTH;
    return undefined;
  }

  /** Checked and let go, as those of HTTP/1.1 are. */
  #takeTrailers(fields: readonly HeaderField[], isLast: boolean): string | undefined {
    if (!isLast) return 'header fields within the answer';
    for (const { name, value } of fields) {
      const refused = refusal(name, value);
      if (refused !== undefined) return refused;
    }
    return this.takeEnd();
  }
}

/** Pseudo-fields have no place behind the first, and are no tokens. */
function refusal(name: string, value: string): string | undefined {
  if (!NAME.test(name)) return 'bad header name';
  if (BAD_VALUE.test(value)) return 'bad header value';
  return OF_CONNECTIONS.has(name) ? `the header ${name}, which HTTP/2 has not` : undefined;
}
