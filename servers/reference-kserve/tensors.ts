/** Tensors as the reference server holds them: always as bytes, whatever they came as. */

export interface ServerTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

/** Bytes of one element; BYTES has none of its own. */
const SIZES: Readonly<Record<string, number>> = {
  BOOL: 1,
  INT8: 1,
  UINT8: 1,
  INT16: 2,
  UINT16: 2,
  FP16: 2,
  BF16: 2,
  INT32: 4,
  UINT32: 4,
  FP32: 4,
  INT64: 8,
  UINT64: 8,
  FP64: 8,
};

/** What a client did wrong. */
export class BadRequest extends Error {}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Throws a BadRequest where the bytes are not those of the shape. */
export function checkedTensor(tensor: ServerTensor): ServerTensor {
  const { name, datatype, shape, bytes } = tensor;
  if (datatype !== 'BYTES' && SIZES[datatype] === undefined) {
    throw new BadRequest(`input '${name}' has the unknown datatype '${datatype}'`);
  }
  const expected =
    datatype === 'BYTES'
      ? encodeTexts(decodeTexts(bytes)).length
      : SIZES[datatype]! * countOf(shape);
  const isWhole =
    bytes.length === expected &&
    (datatype !== 'BYTES' || decodeTexts(bytes).length === countOf(shape));
  if (isWhole) return tensor;
  throw new BadRequest(`input '${name}' has ${bytes.length} bytes, expected ${expected}`);
}

export function decodeTexts(bytes: Buffer): string[] {
  const texts: string[] = [];
  let rest = bytes;
  while (rest.length >= 4) {
    const length = rest.readUInt32LE();
    texts.push(rest.subarray(4, 4 + length).toString());
    rest = rest.subarray(4 + length);
  }
  return texts;
}

export function encodeTexts(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const content = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(content.length);
      return [length, content];
    }),
  );
}

type NumberBuffer = { [index: number]: number | bigint; readonly buffer: ArrayBufferLike };

function arrayOf(datatype: string, count: number): NumberBuffer {
  switch (datatype) {
    case 'BOOL':
    case 'UINT8':
      return new Uint8Array(count);
    case 'INT8':
      return new Int8Array(count);
    case 'INT16':
      return new Int16Array(count);
    case 'UINT16':
      return new Uint16Array(count);
    case 'INT32':
      return new Int32Array(count);
    case 'UINT32':
      return new Uint32Array(count);
    case 'INT64':
      return new BigInt64Array(count);
    case 'UINT64':
      return new BigUint64Array(count);
    case 'FP32':
      return new Float32Array(count);
    case 'FP64':
      return new Float64Array(count);
    default:
      throw new BadRequest(`${datatype} has no form in JSON`);
  }
}

/** From the list of a JSON request, however nested. */
export function bytesOfJson(datatype: string, data: unknown): Buffer {
  const flat = Array.isArray(data) ? (data.flat(Infinity) as unknown[]) : [data];
  if (datatype === 'BYTES') return encodeTexts(flat.map(String));
  const array = arrayOf(datatype, flat.length);
  const isLong = array instanceof BigInt64Array || array instanceof BigUint64Array;
  for (const [index, value] of flat.entries()) {
    array[index] = isLong ? BigInt(value as number) : Number(value);
  }
  return Buffer.from(array.buffer as ArrayBuffer);
}

export function jsonOfBytes(datatype: string, bytes: Buffer): unknown[] {
  if (datatype === 'BYTES') return decodeTexts(bytes);
  const array = arrayOf(datatype, bytes.length / SIZES[datatype]!);
  new Uint8Array(array.buffer).set(bytes);
  const values = Array.from(array as unknown as ArrayLike<number | bigint>, Number);
  return datatype === 'BOOL' ? values.map((value) => value === 1) : values;
}
