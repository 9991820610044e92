/**
 * Writes messages of Protocol Buffers (protobuf.dev, "Encoding") field by field, for drivers whose
 * few messages are known: bytes go into them as they are, without a tree of objects in between.
 */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

/** The low seven bits of a number at a time; negative ones have ten bytes, which nobody here needs. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

function tag(field: number, wireType: number): number[] {
  return varint(field * 8 + wireType);
}

/** A whole number from 0 to 2⁵³ − 1, an enum, or a boolean. */
export function uintField(field: number, value: number | boolean): Buffer {
  return Buffer.from([...tag(field, VARINT), ...varint(Number(value))]);
}

/** A 64-bit whole number, which may be negative. */
export function int64Field(field: number, value: bigint): Buffer {
  const bytes = tag(field, VARINT);
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

export function doubleField(field: number, value: number): Buffer {
  const head = tag(field, FIXED64);
  const bytes = Buffer.from([...head, 0, 0, 0, 0, 0, 0, 0, 0]);
  bytes.writeDoubleLE(value, head.length);
  return bytes;
}

export function textField(field: number, text: string): Buffer {
  return Buffer.concat(lengthField(field, [Buffer.from(text)]));
}

export function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat(lengthField(field, [bytes]));
}

/** A message, a packed list or bytes: its head, and its pieces as they are. */
export function lengthField(field: number, pieces: readonly Buffer[]): readonly Buffer[] {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return [lengthHead(field, length), ...pieces];
}

/** What stands before `length` bytes of a field. */
export function lengthHead(field: number, length: number): Buffer {
  return Buffer.from([...tag(field, LENGTH), ...varint(length)]);
}

export function messageField(field: number, ...pieces: readonly Buffer[]): Buffer {
  return Buffer.concat(lengthField(field, pieces));
}
