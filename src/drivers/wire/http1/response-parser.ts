import { ChunkedBody, CHUNKED_FAILED, CHUNKED_TRAILERS } from './chunked-body.ts';
import { BLANK, FIELD, fieldsOf, readFieldLine, type FieldLine } from './field-line.ts';
import { HeadMemo } from './head-memo.ts';
import { KeptBytes } from './kept-bytes.ts';
import {
  HTTP1_BODY_LIMIT_BYTES,
  HTTP1_INTERIM_LIMIT,
  HTTP1_KEPT_BODY_LIMIT_BYTES,
} from './limits.ts';
import { HEAD_COMPLETE, HEAD_FAILED, ResponseHead } from './response-head.ts';
import { SectionLines } from './section-lines.ts';
import { startsLikeStatusLine } from './status-line.ts';

/** Waits for more bytes. */
export const RESPONSE_OPEN = 0;
export const RESPONSE_COMPLETE = 1;
/** The bytes are no HTTP/1.1 response; `reason` says why. */
export const RESPONSE_FAILED = 2;
/** The connection ended before the response did. */
export const RESPONSE_CUT_OFF = 3;

const HEAD = 0;
const FIXED_BODY = 1;
const CHUNKED_BODY = 2;
const TRAILERS = 3;
const BODY_UNTIL_CLOSE = 4;

/** What the request says about its response. */
export interface ResponseExpectation {
  /** The request was HEAD: whatever the header says, no body follows. */
  readonly bodiless: boolean;
  readonly keepHead: boolean;
  readonly keepBody: boolean;
}

type TakePiece = (bytes: Buffer, from: number, to: number) => void;

/**
 * Reads one response after another from the bytes of a connection, cut anywhere (RFC 9112). What
 * allows two readings is refused: folded lines, lines without CR, lengths that differ, a length
 * beside chunks. Bodies are counted and only kept where asked for. Errors in a line are reported
 * once the line is complete, so that the result does not depend on where the bytes were cut.
 */
export class Http1ResponseParser {
  state: number = RESPONSE_OPEN;
  /** Why the response was refused. */
  reason = '';
  /** Of the body, without its framing. */
  bodyBytes = 0;
  /** Status line and header lines of the final response, where asked for. */
  readonly head: KeptBytes = new KeptBytes();
  /** The body without its framing, where asked for. */
  readonly body: KeptBytes = new KeptBytes();

  readonly #memo: HeadMemo;
  readonly #takePiece: TakePiece | undefined;
  readonly #framing = new ResponseHead();
  readonly #lines = new SectionLines();
  readonly #chunked = new ChunkedBody((bytes, from, to) => this.#takeBody(bytes, from, to));
  readonly #trailerLine: FieldLine = { nameEnd: 0, valueFrom: 0, valueTo: 0 };
  #expectation: ResponseExpectation = { bodiless: false, keepHead: false, keepBody: false };
  #place: number = HEAD;
  #bodyBytesLeft = 0;
  #interimResponses = 0;
  #lastsUntilClose = false;

  /**
   * Parsers of connections to the same server may share a memo. `takeBody` is told of each piece of
   * a body, without its framing, as it comes.
   */
  constructor(memo: HeadMemo = new HeadMemo(), takeBody?: TakePiece) {
    this.#memo = memo;
    this.#takePiece = takeBody;
  }

  get status(): number {
    return this.#framing.status;
  }

  /** Whether the connection lasts, as far as a complete response says. */
  get keepAlive(): boolean {
    return this.#framing.keepAlive && !this.#lastsUntilClose;
  }

  /** The header fields of a kept head, by lower-case name. */
  fields(): Record<string, string> {
    return fieldsOf(this.head.bytes, this.head.length);
  }

  /** Gets ready for the response to the next request. */
  begin(expectation: ResponseExpectation): void {
    this.#expectation = expectation;
    this.state = RESPONSE_OPEN;
    this.bodyBytes = 0;
    this.#interimResponses = 0;
    this.#lastsUntilClose = false;
    if (this.body.length !== 0) this.body.clear();
    this.#beginHead();
  }

  /**
   * Takes what belongs to the response from `bytes[from … to)`. Returns where it stopped: before
   * `to` only when the response is complete or refused.
   */
  take(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && this.state === RESPONSE_OPEN) {
      switch (this.#place) {
        case HEAD:
          at = this.#takeHead(bytes, at, to);
          break;
        case FIXED_BODY:
          at = this.#takeFixedBody(bytes, at, to);
          break;
        case CHUNKED_BODY:
          at = this.#takeChunkedBody(bytes, at, to);
          break;
        case TRAILERS:
          at = this.#takeTrailers(bytes, at, to);
          break;
        default:
          this.#takeBody(bytes, at, to);
          at = to;
      }
    }
    return at;
  }

  /** The connection ended: completes a body that lasts until then, cuts off everything else. */
  takeEnd(): void {
    if (this.state !== RESPONSE_OPEN) return;
    this.state = this.#lastsUntilClose ? RESPONSE_COMPLETE : RESPONSE_CUT_OFF;
  }

  #beginHead(): void {
    this.#place = HEAD;
    this.#framing.begin();
    this.#lines.begin();
    if (this.head.length !== 0) this.head.clear();
  }

  #takeHead(bytes: Buffer, from: number, to: number): number {
    const isAtStart = this.#lines.length === 0 && this.#lines.partial.length === 0;
    if (isAtStart && this.#memo.matches(bytes, from, to)) {
      this.#framing.repeat(this.#memo);
      return this.#endHead(bytes, from, from + this.#memo.length);
    }
    const framing = this.#framing;
    let at = from;
    while (at < to) {
      const lineEnd = this.#lines.take(bytes, at, to);
      if (this.#lines.reason !== '') return this.#fail(this.#lines.reason, to);
      if (lineEnd === -1) {
        this.#checkPartialStatusLine();
        return to;
      }
      at = lineEnd;
      const line = this.#lines;
      framing.readLine(line.bytes, line.from, line.to);
      if (framing.state === HEAD_FAILED) return this.#fail(framing.reason, at);
      if (framing.state !== HEAD_COMPLETE) {
        if (this.#expectation.keepHead) this.head.append(line.bytes, line.from, line.to);
        continue;
      }
      const isWhole = isAtStart && this.#lines.length === at - from;
      if (isWhole && framing.status >= 200) this.#memo.remember(bytes, from, at, framing);
      return this.#endHead(line.bytes, line.from, line.to, at);
    }
    return at;
  }

  /** What cannot become a status line is refused without waiting for its end. */
  #checkPartialStatusLine(): void {
    const { partial } = this.#lines;
    if (this.#framing.status !== 0) return;
    if (!startsLikeStatusLine(partial.bytes, 0, partial.length)) this.#fail('bad status line', 0);
  }

  /** `bytes[from … to)` is what the kept head lacks; `end` is where reading goes on. */
  #endHead(bytes: Buffer, from: number, to: number, end: number = to): number {
    if (this.#framing.status < 200) return this.#endInterimHead(end);
    if (this.#expectation.keepHead) this.head.append(bytes, from, to);
    this.#beginBody();
    return end;
  }

  #endInterimHead(end: number): number {
    this.#interimResponses++;
    if (this.#framing.status === 101) return this.#fail('protocol switch (101)', end);
    if (this.#interimResponses > HTTP1_INTERIM_LIMIT) {
      return this.#fail(`more than ${HTTP1_INTERIM_LIMIT} interim responses`, end);
    }
    this.#beginHead();
    return end;
  }

  /** RFC 9112 section 6.3. */
  #beginBody(): void {
    const { status, isChunked, contentLength } = this.#framing;
    if (this.#expectation.bodiless || status === 204 || status === 304) {
      this.state = RESPONSE_COMPLETE;
    } else if (isChunked) {
      this.#place = CHUNKED_BODY;
      this.#chunked.begin();
    } else if (contentLength === -1) {
      this.#place = BODY_UNTIL_CLOSE;
      this.#lastsUntilClose = true;
    } else if (contentLength === 0) {
      this.state = RESPONSE_COMPLETE;
    } else if (!this.#isBodyOverLimit(contentLength)) {
      this.#place = FIXED_BODY;
      this.#bodyBytesLeft = contentLength;
    }
  }

  #takeFixedBody(bytes: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + this.#bodyBytesLeft);
    this.#bodyBytesLeft -= end - from;
    this.#takeBody(bytes, from, end);
    if (this.#bodyBytesLeft === 0) this.state = RESPONSE_COMPLETE;
    return end;
  }

  #takeChunkedBody(bytes: Buffer, from: number, to: number): number {
    const chunked = this.#chunked;
    const at = chunked.take(bytes, from, to);
    if (chunked.state === CHUNKED_TRAILERS) {
      this.#place = TRAILERS;
      this.#lines.begin();
    } else if (chunked.state === CHUNKED_FAILED && this.state === RESPONSE_OPEN) {
      this.#fail(chunked.reason, at);
    }
    return at;
  }

  /** Trailers are checked and let go. */
  #takeTrailers(bytes: Buffer, from: number, to: number): number {
    const lines = this.#lines;
    let at = from;
    while (at < to && this.state === RESPONSE_OPEN) {
      const lineEnd = lines.take(bytes, at, to);
      if (lines.reason !== '') return this.#fail(lines.reason, to);
      if (lineEnd === -1) return to;
      at = lineEnd;
      const found = readFieldLine(lines.bytes, lines.from, lines.to, this.#trailerLine);
      if (found === BLANK) this.state = RESPONSE_COMPLETE;
      else if (found !== FIELD) this.#fail(found, at);
    }
    return at;
  }

  /** False when the body became too large. */
  #takeBody(bytes: Buffer, from: number, to: number): boolean {
    this.bodyBytes += to - from;
    if (this.#isBodyOverLimit(this.bodyBytes)) return false;
    if (this.#expectation.keepBody) this.body.append(bytes, from, to);
    if (this.#takePiece !== undefined) this.#takePiece(bytes, from, to);
    return true;
  }

  #isBodyOverLimit(bodyBytes: number): boolean {
    const { keepBody } = this.#expectation;
    const limitBytes = keepBody ? HTTP1_KEPT_BODY_LIMIT_BYTES : HTTP1_BODY_LIMIT_BYTES;
    if (bodyBytes <= limitBytes) return false;
    this.#fail(`${keepBody ? 'kept body' : 'body'} over ${limitBytes / 1024 / 1024} MiB`, 0);
    return true;
  }

  /** Returns `at`, where reading stopped. */
  #fail(reason: string, at: number): number {
    this.state = RESPONSE_FAILED;
    this.reason = reason;
    return at;
  }
}
