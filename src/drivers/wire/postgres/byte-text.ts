/**
 * Texts whose characters each stand for one byte, as `Connection.write` takes them: joining such
 * texts and writing them at once costs less than filling buffers.
 */

const LAST_ASCII = 0x7f;
/** Lengths and counts of most messages are below it. */
const TABLE_SIZE = 4096;

const INT32 = Array.from({ length: TABLE_SIZE }, (_, value) => int32Characters(value));
const INT16 = Array.from({ length: 256 }, (_, value) => int16Characters(value));

/** A big-endian integer of four bytes. */
export function int32(value: number): string {
  return value >= 0 && value < TABLE_SIZE ? INT32[value]! : int32Characters(value);
}

/** A big-endian integer of two bytes, without sign. */
export function int16(value: number): string {
  return value < 256 ? INT16[value]! : int16Characters(value);
}

/** The UTF-8 bytes of `text`. */
export function utf8Bytes(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > LAST_ASCII) return Buffer.from(text, 'utf8').toString('latin1');
  }
  return text;
}

function int32Characters(value: number): string {
  return String.fromCharCode(
    (value >>> 24) & 0xff,
    (value >>> 16) & 0xff,
    (value >>> 8) & 0xff,
    value & 0xff,
  );
}

function int16Characters(value: number): string {
  return String.fromCharCode((value >>> 8) & 0xff, value & 0xff);
}
