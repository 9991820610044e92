import type { Numbers } from './number-table.ts';

/** How one number stands in a file, little-endian. */
export interface Element {
  readonly name: string;
  readonly bytes: number;
  /** Numbers from `bytes`, which begin at a multiple of eight in their buffer, to `into[at …]`. */
  decode(bytes: Uint8Array, into: Numbers, at: number): void;
}

type Typed =
  | typeof Float32Array
  | typeof Float64Array
  | typeof Int8Array
  | typeof Uint8Array
  | typeof Int16Array
  | typeof Uint16Array
  | typeof Int32Array
  | typeof Uint32Array;

function typed(name: string, view: Typed): Element {
  return {
    name,
    bytes: view.BYTES_PER_ELEMENT,
    decode({ buffer, byteOffset, length }, into, at) {
      into.set(new view(buffer as ArrayBuffer, byteOffset, length / view.BYTES_PER_ELEMENT), at);
    },
  };
}

function long(name: string, view: typeof BigInt64Array | typeof BigUint64Array): Element {
  return {
    name,
    bytes: 8,
    decode({ buffer, byteOffset, length }, into, at) {
      const values = new view(buffer as ArrayBuffer, byteOffset, length / 8);
      for (let i = 0; i < values.length; i++) into[at + i] = Number(values[i]);
    },
  };
}

const HALF: Element = {
  name: 'float16',
  bytes: 2,
  decode({ buffer, byteOffset, length }, into, at) {
    const view = new DataView(buffer as ArrayBuffer, byteOffset, length);
    for (let i = 0; i < length / 2; i++) into[at + i] = view.getFloat16(2 * i, true);
  },
};

/** The numbers that data sets are made of. */
export const ELEMENTS = {
  float16: HALF,
  float32: typed('float32', Float32Array),
  float64: typed('float64', Float64Array),
  int8: typed('int8', Int8Array),
  uint8: typed('uint8', Uint8Array),
  int16: typed('int16', Int16Array),
  uint16: typed('uint16', Uint16Array),
  int32: typed('int32', Int32Array),
  uint32: typed('uint32', Uint32Array),
  int64: long('int64', BigInt64Array),
  uint64: long('uint64', BigUint64Array),
} as const satisfies Record<string, Element>;

export type ElementName = keyof typeof ELEMENTS;
