import protobuf, { type Field, type Type } from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';

/** The wire type of what has a length before it. */
const LENGTH_DELIMITED = 2;

/** The bytes of a message given by its JSON mapping. Throws an Error where it is none. */
export function encodeMessage(type: Type, value: unknown): Uint8Array {
  return type.encode(protojson.fromJson(type, plain(value))).finish();
}

/** The same for one field, with its tag. */
export function encodeField(field: Field, value: unknown): Uint8Array {
  const bytes = bytesOf(field, value);
  if (bytes !== undefined) return delimited(field.id, bytes);
  return encodeMessage(field.parent as Type, { [field.name]: value });
}

/** A field with a length before it, with its tag. */
export function delimited(id: number, bytes: Uint8Array): Buffer {
  const head = protobuf.Writer.create()
    .uint32((id * 8 + LENGTH_DELIMITED) >>> 0)
    .uint32(bytes.length)
    .finish();
  return Buffer.concat([head, bytes]);
}

/** Bytes stay what they are, and so do vectors, which lie in memory as they are sent. */
function bytesOf(field: Field, value: unknown): Uint8Array | undefined {
  const { type, repeated } = field;
  if (type === 'bytes' && !repeated && value instanceof Uint8Array) return value;
  if (!repeated || !field.packed || !IS_LITTLE_ENDIAN) return undefined;
  const isVector =
    (type === 'float' && value instanceof Float32Array) ||
    (type === 'double' && value instanceof Float64Array);
  if (!isVector) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** As JSON has it: no typed arrays, no bigint. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return value.toISOString();
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
