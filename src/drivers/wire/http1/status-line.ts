import { CR, LF } from './field-line.ts';

const PREFIX = Buffer.from('HTTP/1.');
const SPACE = 0x20;
const HTAB = 0x09;
const DELETE = 0x7f;
const ZERO = 0x30;
const STATUS_AT = PREFIX.length + 2;
const REASON_AT = STATUS_AT + 3;

/** False once the bytes cannot become the status line of HTTP/1 any more, however many come. */
export function startsLikeStatusLine(bytes: Buffer, from: number, to: number): boolean {
  const length = Math.min(to - from, PREFIX.length);
  for (let index = 0; index < length; index++) {
    if (bytes[from + index] !== PREFIX[index]) return false;
  }
  return true;
}

/**
 * Reads `HTTP/1.x SP 3DIGIT [SP reason] CRLF` (RFC 9112 section 4; the space before an empty
 * reason may be missing, as all clients accept). Returns status × 2 + minor version, or -1.
 */
export function readStatusLine(bytes: Buffer, from: number, to: number): number {
  if (to - from < REASON_AT + 2 || !startsLikeStatusLine(bytes, from, to)) return -1;
  const minorVersion = bytes[from + PREFIX.length]! - ZERO;
  if ((minorVersion !== 0 && minorVersion !== 1) || bytes[from + STATUS_AT - 1] !== SPACE)
    return -1;
  const status = threeDigits(bytes, from + STATUS_AT);
  if (status < 100 || !isReason(bytes, from + REASON_AT, to)) return -1;
  return status * 2 + minorVersion;
}

function threeDigits(bytes: Buffer, from: number): number {
  let number = 0;
  for (let at = from; at < from + 3; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** What follows the status, with the line's CRLF. */
function isReason(bytes: Buffer, from: number, to: number): boolean {
  if (bytes[to - 2] !== CR || bytes[to - 1] !== LF) return false;
  if (to - from > 2 && bytes[from] !== SPACE) return false;
  for (let at = from; at < to - 2; at++) {
    const byte = bytes[at]!;
    if ((byte < SPACE && byte !== HTAB) || byte === DELETE) return false;
  }
  return true;
}
