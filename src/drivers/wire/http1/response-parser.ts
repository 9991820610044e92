import { ChunkedBody, CHUNKED_FAILED, CHUNKED_TRAILERS } from './chunked-body.ts';
import {
  equalsIgnoringCase,
  FIELD_LINE_BAD_NAME,
  FIELD_LINE_BLANK,
  FIELD_LINE_FOLDED,
  FIELD_LINE_OK,
  LF,
  listHolds,
  readFieldLine,
  type FieldLine,
} from './field-line.ts';
import { KeptBytes } from './kept-bytes.ts';
import {
  HTTP1_BODY_LIMIT_BYTES,
  HTTP1_HEAD_LIMIT_BYTES,
  HTTP1_INTERIM_LIMIT,
  HTTP1_KEPT_BODY_LIMIT_BYTES,
  HTTP1_LINE_LIMIT_BYTES,
} from './limits.ts';
import { readStatusLine, startsLikeStatusLine } from './status-line.ts';

/** Waits for more bytes. */
export const RESPONSE_OPEN = 0;
export const RESPONSE_COMPLETE = 1;
/** The bytes are no HTTP/1.1 response; `reason` says why. */
export const RESPONSE_FAILED = 2;
/** The connection ended before the response did. */
export const RESPONSE_CUT_OFF = 3;

const STATUS_LINE = 0;
const HEADERS = 1;
const FIXED_BODY = 2;
const CHUNKED_BODY = 3;
const TRAILERS = 4;
const BODY_UNTIL_CLOSE = 5;

const UNKNOWN = -1;

/** What the request says about its response. */
export interface ResponseExpectation {
  /** The request was HEAD: whatever the header says, no body follows. */
  readonly bodiless: boolean;
  readonly keepHead: boolean;
  readonly keepBody: boolean;
}

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
  status = 0;
  /** Whether both sides keep the connection, as far as the response says. */
  keepAlive = false;
  bodyBytes = 0;
  /** Status line and header lines of the final response, where asked for. */
  readonly head: KeptBytes = new KeptBytes();
  /** The body without its chunk framing, where asked for. */
  readonly body: KeptBytes = new KeptBytes();

  readonly #line: FieldLine = { nameEnd: 0, valueFrom: 0, valueTo: 0 };
  /** The beginning of a line whose end has not arrived. */
  readonly #partialLine = new KeptBytes();
  readonly #chunked = new ChunkedBody((bytes, from, to) => this.#takeBody(bytes, from, to));
  #expectation: ResponseExpectation = { bodiless: false, keepHead: false, keepBody: false };
  #place: number = STATUS_LINE;
  #sectionBytes = 0;
  #minorVersion = 1;
  #contentLength = UNKNOWN;
  #bodyBytesLeft = 0;
  #isChunked = false;
  #connectionClose = false;
  #connectionKeepAlive = false;
  #interimResponses = 0;

  /** Gets ready for the response to the next request. */
  begin(expectation: ResponseExpectation): void {
    this.#expectation = expectation;
    this.state = RESPONSE_OPEN;
    this.bodyBytes = 0;
    this.#interimResponses = 0;
    if (this.#partialLine.length !== 0) this.#partialLine.clear();
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
        case FIXED_BODY:
          at = this.#takeFixedBody(bytes, at, to);
          break;
        case CHUNKED_BODY:
          at = this.#takeChunkedBody(bytes, at, to);
          break;
        case BODY_UNTIL_CLOSE:
          this.#takeBody(bytes, at, to);
          at = to;
          break;
        default:
          at = this.#takeLines(bytes, at, to);
      }
    }
    return at;
  }

  /** The connection ended: completes a body that lasts until then, cuts off everything else. */
  takeEnd(): void {
    if (this.state !== RESPONSE_OPEN) return;
    this.keepAlive = false;
    this.state = this.#place === BODY_UNTIL_CLOSE ? RESPONSE_COMPLETE : RESPONSE_CUT_OFF;
  }

  #beginHead(): void {
    this.#place = STATUS_LINE;
    this.#sectionBytes = 0;
    this.#contentLength = UNKNOWN;
    this.#isChunked = false;
    this.#connectionClose = false;
    this.#connectionKeepAlive = false;
    if (this.head.length !== 0) this.head.clear();
  }

  /** Lines of a head or trailer section, until the section or the bytes end. */
  #takeLines(bytes: Buffer, from: number, to: number): number {
    const section = this.#place === TRAILERS ? TRAILERS : HEADERS;
    let at = from;
    while (at < to) {
      const lineEnd = lineEndIn(bytes, at, to);
      if (lineEnd === -1) {
        this.#takePartialLine(bytes, at, to);
        return to;
      }
      this.#takeLine(bytes, at, lineEnd);
      at = lineEnd;
      if (this.state !== RESPONSE_OPEN) return at;
      // STATUS_LINE and HEADERS are one section; anything else is for others to read.
      if (this.#place !== section && this.#place !== STATUS_LINE) return at;
    }
    return at;
  }

  #takePartialLine(bytes: Buffer, from: number, to: number): void {
    this.#partialLine.append(bytes, from, to);
    const { length } = this.#partialLine;
    if (this.#isOverLimit(length)) return;
    if (this.#place === STATUS_LINE && !startsLikeStatusLine(this.#partialLine.bytes, 0, length)) {
      this.#fail('bad status line');
    }
  }

  /** A line that ends at `to`; its beginning may have come before. */
  #takeLine(bytes: Buffer, from: number, to: number): void {
    if (this.#partialLine.length === 0) {
      this.#readLine(bytes, from, to);
      return;
    }
    this.#partialLine.append(bytes, from, to);
    this.#readLine(this.#partialLine.bytes, 0, this.#partialLine.length);
    this.#partialLine.clear();
  }

  #readLine(bytes: Buffer, from: number, to: number): void {
    if (this.#isOverLimit(to - from)) return;
    this.#sectionBytes += to - from;
    if (this.#expectation.keepHead && this.#place !== TRAILERS) this.head.append(bytes, from, to);
    if (this.#place === STATUS_LINE) this.#readStatusLine(bytes, from, to);
    else this.#readFieldOrBlank(bytes, from, to);
  }

  #isOverLimit(lineBytes: number): boolean {
    if (lineBytes > HTTP1_LINE_LIMIT_BYTES) {
      this.#fail(`line over ${HTTP1_LINE_LIMIT_BYTES} bytes`);
    } else if (this.#sectionBytes + lineBytes > HTTP1_HEAD_LIMIT_BYTES) {
      this.#fail(`head over ${HTTP1_HEAD_LIMIT_BYTES} bytes`);
    }
    return this.state !== RESPONSE_OPEN;
  }

  #readStatusLine(bytes: Buffer, from: number, to: number): void {
    const statusAndVersion = readStatusLine(bytes, from, to);
    if (statusAndVersion === -1) {
      this.#fail('bad status line');
      return;
    }
    this.status = statusAndVersion >> 1;
    this.#minorVersion = statusAndVersion & 1;
    this.#place = HEADERS;
  }

  #readFieldOrBlank(bytes: Buffer, from: number, to: number): void {
    const line = this.#line;
    switch (readFieldLine(bytes, from, to, line)) {
      case FIELD_LINE_OK:
        if (this.#place === HEADERS) this.#readField(bytes, from, line);
        return;
      case FIELD_LINE_BLANK:
        if (this.#place === TRAILERS) this.state = RESPONSE_COMPLETE;
        else this.#endHead();
        return;
      case FIELD_LINE_FOLDED:
        this.#fail('folded header line');
        return;
      case FIELD_LINE_BAD_NAME:
        this.#fail('bad header name');
        return;
      default:
        this.#fail('bad header value');
    }
  }

  /** Only what frames the response is read here. */
  #readField(bytes: Buffer, from: number, line: FieldLine): void {
    const { nameEnd, valueFrom, valueTo } = line;
    switch (nameEnd - from) {
      case 14:
        if (equalsIgnoringCase(bytes, from, nameEnd, 'content-length')) {
          this.#readContentLength(bytes, valueFrom, valueTo);
        }
        return;
      case 17:
        if (equalsIgnoringCase(bytes, from, nameEnd, 'transfer-encoding')) {
          this.#readTransferEncoding(bytes, valueFrom, valueTo);
        }
        return;
      case 10:
        if (equalsIgnoringCase(bytes, from, nameEnd, 'connection')) {
          this.#connectionClose ||= listHolds(bytes, valueFrom, valueTo, 'close');
          this.#connectionKeepAlive ||= listHolds(bytes, valueFrom, valueTo, 'keep-alive');
        }
        return;
      default:
    }
  }

  #readContentLength(bytes: Buffer, from: number, to: number): void {
    let length = 0;
    // Fifteen digits are a safe integer, and far beyond any body that is accepted.
    let isBad = from === to || to - from > 15;
    for (let at = from; at < to && !isBad; at++) {
      const digit = bytes[at]! - 0x30;
      isBad = digit < 0 || digit > 9;
      length = length * 10 + digit;
    }
    if (isBad) this.#fail('bad content-length');
    else if (this.#contentLength !== UNKNOWN && this.#contentLength !== length) {
      this.#fail('two content-lengths that differ');
    } else this.#contentLength = length;
  }

  #readTransferEncoding(bytes: Buffer, from: number, to: number): void {
    if (this.#isChunked || !equalsIgnoringCase(bytes, from, to, 'chunked')) {
      this.#fail('transfer-encoding other than chunked');
    }
    this.#isChunked = true;
  }

  #endHead(): void {
    if (this.status < 200) {
      this.#endInterimHead();
      return;
    }
    if (this.#isChunked && this.#contentLength !== UNKNOWN) {
      this.#fail('content-length beside transfer-encoding');
      return;
    }
    if (this.#isChunked && this.#minorVersion === 0) {
      this.#fail('transfer-encoding in HTTP/1.0');
      return;
    }
    this.keepAlive =
      !this.#connectionClose && (this.#minorVersion === 1 || this.#connectionKeepAlive);
    this.#beginBody();
  }

  #endInterimHead(): void {
    this.#interimResponses++;
    if (this.status === 101) this.#fail('protocol switch (101)');
    else if (this.#interimResponses > HTTP1_INTERIM_LIMIT) {
      this.#fail(`more than ${HTTP1_INTERIM_LIMIT} interim responses`);
    } else this.#beginHead();
  }

  /** RFC 9112 section 6.3. */
  #beginBody(): void {
    if (this.#expectation.bodiless || this.status === 204 || this.status === 304) {
      this.state = RESPONSE_COMPLETE;
    } else if (this.#isChunked) {
      this.#place = CHUNKED_BODY;
      this.#chunked.begin();
    } else if (this.#contentLength === UNKNOWN) {
      this.keepAlive = false;
      this.#place = BODY_UNTIL_CLOSE;
    } else if (this.#contentLength === 0) {
      this.state = RESPONSE_COMPLETE;
    } else if (!this.#isBodyOverLimit(this.#contentLength)) {
      this.#bodyBytesLeft = this.#contentLength;
      this.#place = FIXED_BODY;
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
    const at = this.#chunked.take(bytes, from, to);
    if (this.#chunked.state === CHUNKED_TRAILERS) {
      this.#place = TRAILERS;
      this.#sectionBytes = 0;
    } else if (this.#chunked.state === CHUNKED_FAILED && this.state === RESPONSE_OPEN) {
      this.#fail(this.#chunked.reason);
    }
    return at;
  }

  /** False when the body became too large. */
  #takeBody(bytes: Buffer, from: number, to: number): boolean {
    this.bodyBytes += to - from;
    if (this.#isBodyOverLimit(this.bodyBytes)) return false;
    if (this.#expectation.keepBody) this.body.append(bytes, from, to);
    return true;
  }

  #isBodyOverLimit(bodyBytes: number): boolean {
    const { keepBody } = this.#expectation;
    const limitBytes = keepBody ? HTTP1_KEPT_BODY_LIMIT_BYTES : HTTP1_BODY_LIMIT_BYTES;
    if (bodyBytes <= limitBytes) return false;
    this.#fail(`${keepBody ? 'kept body' : 'body'} over ${limitBytes / 1024 / 1024} MiB`);
    return true;
  }

  #fail(reason: string): void {
    this.state = RESPONSE_FAILED;
    this.reason = reason;
    this.keepAlive = false;
  }
}

/** Just behind the first LF of `bytes[from … to)`, or -1. */
function lineEndIn(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (bytes[at] === LF) return at + 1;
  return -1;
}
