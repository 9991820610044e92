import {
  BLANK,
  equalsIgnoringCase,
  FIELD,
  listHolds,
  readFieldLine,
  type FieldLine,
} from './field-line.ts';
import type { HeadFraming } from './head-memo.ts';
import { readStatusLine } from './status-line.ts';

/** More lines follow. */
export const HEAD_OPEN = 0;
export const HEAD_COMPLETE = 1;
/** `reason` says why. */
export const HEAD_FAILED = 2;

const NO_LENGTH = -1;
const STATUS_LINE_EXPECTED = 0;

/** Reads a head line by line for what frames the response; the rest is only checked. */
export class ResponseHead implements HeadFraming {
  state: number = HEAD_OPEN;
  reason = '';
  /** 0 until the status line has been read. */
  status = STATUS_LINE_EXPECTED;
  keepAlive = false;
  isChunked = false;
  contentLength = NO_LENGTH;

  readonly #line: FieldLine = { nameEnd: 0, valueFrom: 0, valueTo: 0 };
  #minorVersion = 1;
  #saysClose = false;
  #saysKeepAlive = false;

  begin(): void {
    this.state = HEAD_OPEN;
    this.status = STATUS_LINE_EXPECTED;
    this.keepAlive = false;
    this.isChunked = false;
    this.contentLength = NO_LENGTH;
    this.#saysClose = false;
    this.#saysKeepAlive = false;
  }

  /** Takes over what an equal head said. */
  repeat(framing: HeadFraming): void {
    this.state = HEAD_COMPLETE;
    this.status = framing.status;
    this.keepAlive = framing.keepAlive;
    this.isChunked = framing.isChunked;
    this.contentLength = framing.contentLength;
  }

  /** The next line of the head, with its LF. */
  readLine(bytes: Buffer, from: number, to: number): void {
    if (this.status === STATUS_LINE_EXPECTED) {
      this.#readStatusLine(bytes, from, to);
      return;
    }
    const found = readFieldLine(bytes, from, to, this.#line);
    if (found === FIELD) this.#readField(bytes, from, this.#line);
    else if (found === BLANK) this.#end();
    else this.#fail(found);
  }

  #readStatusLine(bytes: Buffer, from: number, to: number): void {
    const statusAndVersion = readStatusLine(bytes, from, to);
    if (statusAndVersion === -1) {
      this.#fail('bad status line');
      return;
    }
    this.status = statusAndVersion >> 1;
    this.#minorVersion = statusAndVersion & 1;
  }

  #readField(bytes: Buffer, from: number, { nameEnd, valueFrom, valueTo }: FieldLine): void {
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
          this.#saysClose ||= listHolds(bytes, valueFrom, valueTo, 'close');
          this.#saysKeepAlive ||= listHolds(bytes, valueFrom, valueTo, 'keep-alive');
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
    else if (this.contentLength !== NO_LENGTH && this.contentLength !== length) {
      this.#fail('two content-lengths that differ');
    } else this.contentLength = length;
  }

  #readTransferEncoding(bytes: Buffer, from: number, to: number): void {
    if (this.isChunked || !equalsIgnoringCase(bytes, from, to, 'chunked')) {
      this.#fail('transfer-encoding other than chunked');
    }
    this.isChunked = true;
  }

  #end(): void {
    if (this.isChunked && this.contentLength !== NO_LENGTH) {
      this.#fail('content-length beside transfer-encoding');
    } else if (this.isChunked && this.#minorVersion === 0) {
      this.#fail('transfer-encoding in HTTP/1.0');
    } else if (this.status < 200 && this.#minorVersion === 0) {
      this.#fail('interim response in HTTP/1.0');
    } else {
      this.keepAlive = !this.#saysClose && (this.#minorVersion === 1 || this.#saysKeepAlive);
      this.state = HEAD_COMPLETE;
    }
  }

  #fail(reason: string): void {
    this.state = HEAD_FAILED;
    this.reason = reason;
  }
}
