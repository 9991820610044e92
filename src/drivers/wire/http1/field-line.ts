/** Lines of an HTTP/1.1 head or trailer section (RFC 9112 section 5), as bytes. */

export const CR = 0x0d;
export const LF = 0x0a;
const HTAB = 0x09;
const SPACE = 0x20;
const COLON = 0x3a;

const BAD_NAME = 'bad header name';

const TOKEN = 1;
const VALUE = 2;
/** What each byte may be part of: field names (token), field values (with obs-text). */
const KIND = new Uint8Array(256);
for (let byte = 0x20; byte < 256; byte++) if (byte !== 0x7f) KIND[byte] = VALUE;
KIND[HTAB] = VALUE;
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  KIND[character.charCodeAt(0)] = TOKEN | VALUE;
  KIND[character.toUpperCase().charCodeAt(0)] = TOKEN | VALUE;
}

/** Where the parts of the line lie that was read last. */
export interface FieldLine {
  nameEnd: number;
  /** Without the blanks around it. */
  valueFrom: number;
  valueTo: number;
}

/** The line is a field. */
export const FIELD = '';
/** The line is the blank one that ends the section. */
export const BLANK = 'blank line';

/**
 * Checks the whole line `bytes[from … to)`, which ends in LF, and finds its parts. Returns FIELD,
 * BLANK or what is wrong with it.
 */
export function readFieldLine(bytes: Buffer, from: number, to: number, line: FieldLine): string {
  const first = bytes[from]!;
  if (first === CR) return to - from === 2 ? BLANK : BAD_NAME;
  if (first === SPACE || first === HTAB) return 'folded header line';
  let at = from;
  while ((KIND[bytes[at]!]! & TOKEN) !== 0) at++;
  if (at === from || bytes[at] !== COLON) return BAD_NAME;
  line.nameEnd = at++;
  while (isBlank(bytes[at]!)) at++;
  line.valueFrom = at;
  while ((KIND[bytes[at]!]! & VALUE) !== 0) at++;
  if (bytes[at] !== CR || at !== to - 2) return 'bad header value';
  while (at > line.valueFrom && isBlank(bytes[at - 1]!)) at--;
  line.valueTo = at;
  return FIELD;
}

/** True when `bytes[from … to)` is `lowerCase` but for the case of its letters. */
export function equalsIgnoringCase(
  bytes: Buffer,
  from: number,
  to: number,
  lowerCase: string,
): boolean {
  if (to - from !== lowerCase.length) return false;
  for (let index = 0; index < lowerCase.length; index++) {
    const expected = lowerCase.charCodeAt(index);
    const byte = bytes[from + index]!;
    if (byte === expected) continue;
    // Only letters have a case: '\r' is not '-' in lower case.
    if (byte < 0x41 || byte > 0x5a || (byte | 0x20) !== expected) return false;
  }
  return true;
}

/** True when the comma-separated list `bytes[from … to)` holds `lowerCase`, in whatever case. */
export function listHolds(bytes: Buffer, from: number, to: number, lowerCase: string): boolean {
  for (let at = from; at < to;) {
    let itemEnd = bytes.indexOf(0x2c, at);
    if (itemEnd === -1 || itemEnd > to) itemEnd = to;
    let itemFrom = at;
    let itemTo = itemEnd;
    while (itemFrom < itemTo && isBlank(bytes[itemFrom]!)) itemFrom++;
    while (itemTo > itemFrom && isBlank(bytes[itemTo - 1]!)) itemTo--;
    if (equalsIgnoringCase(bytes, itemFrom, itemTo, lowerCase)) return true;
    at = itemEnd + 1;
  }
  return false;
}

/** The fields of a kept head as text, names in lower case; values of one name joined by commas. */
export function fieldsOf(head: Buffer, length: number): Record<string, string> {
  const fields: Record<string, string> = {};
  const line: FieldLine = { nameEnd: 0, valueFrom: 0, valueTo: 0 };
  let from = head.indexOf(LF) + 1;
  while (from < length) {
    const to = head.indexOf(LF, from) + 1;
    if (to === 0 || readFieldLine(head, from, to, line) !== FIELD) break;
    const name = head.toString('latin1', from, line.nameEnd).toLowerCase();
    const value = head.toString('latin1', line.valueFrom, line.valueTo);
    fields[name] = Object.hasOwn(fields, name) ? `${fields[name]}, ${value}` : value;
    from = to;
  }
  return fields;
}

/** Each value of the fields called `lowerCaseName` in a kept head, in their order. */
export function valuesOf(head: Buffer, length: number, lowerCaseName: string): string[] {
  const values: string[] = [];
  const line: FieldLine = { nameEnd: 0, valueFrom: 0, valueTo: 0 };
  let from = head.indexOf(LF) + 1;
  while (from < length) {
    const to = head.indexOf(LF, from) + 1;
    if (to === 0 || readFieldLine(head, from, to, line) !== FIELD) break;
    if (equalsIgnoringCase(head, from, line.nameEnd, lowerCaseName)) {
      values.push(head.toString('latin1', line.valueFrom, line.valueTo));
    }
    from = to;
  }
  return values;
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === HTAB;
}
