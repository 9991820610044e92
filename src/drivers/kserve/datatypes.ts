import { bf16Bits, fp16Bits, fromBf16Bits, fromFp16Bits } from './half-floats.ts';

/**
 * The datatypes of tensors (KServe v2, "Tensor Data Types", and Triton's binary tensor data
 * extension): little-endian, row by row, without padding.
 */
export const DATATYPE_NAMES = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
] as const;

export type DatatypeName = (typeof DATATYPE_NAMES)[number];
export type FixedDatatypeName = Exclude<DatatypeName, 'BYTES'>;

/** A datatype whose elements all have one size. */
export interface FixedDatatype {
  readonly elementBytes: number;
  /** Typed arrays of this kind hold exactly the bytes of such a tensor. */
  readonly array: TypedArrayKind | undefined;
  /** False for what is no element of the datatype. */
  accepts(value: unknown): boolean;
  /** `value` is one that it accepts. */
  put(view: DataView, at: number, value: never): void;
  get(view: DataView, at: number): number | bigint | boolean;
}

type TypedArrayKind = abstract new (...args: never[]) => ArrayBufferView;

export const FIXED_DATATYPES: Readonly<Record<FixedDatatypeName, FixedDatatype>> = {
  BOOL: {
    elementBytes: 1,
    array: undefined,
    accepts: (value) => typeof value === 'boolean' || value === 0 || value === 1,
    put: (view, at, value: boolean | number) => view.setUint8(at, Number(value)),
    get: (view, at) => view.getUint8(at) !== 0,
  },
  UINT8: integer(1, [0, 0xff], Uint8Array, {
    put: (view, at, value) => view.setUint8(at, value),
    get: (view, at) => view.getUint8(at),
  }),
  UINT16: integer(2, [0, 0xffff], Uint16Array, {
    put: (view, at, value) => view.setUint16(at, value, true),
    get: (view, at) => view.getUint16(at, true),
  }),
  UINT32: integer(4, [0, 0xffff_ffff], Uint32Array, {
    put: (view, at, value) => view.setUint32(at, value, true),
    get: (view, at) => view.getUint32(at, true),
  }),
  UINT64: integer64([0n, 2n ** 64n - 1n], BigUint64Array, (view, at) =>
    view.getBigUint64(at, true),
  ),
  INT8: integer(1, [-0x80, 0x7f], Int8Array, {
    put: (view, at, value) => view.setInt8(at, value),
    get: (view, at) => view.getInt8(at),
  }),
  INT16: integer(2, [-0x8000, 0x7fff], Int16Array, {
    put: (view, at, value) => view.setInt16(at, value, true),
    get: (view, at) => view.getInt16(at, true),
  }),
  INT32: integer(4, [-0x8000_0000, 0x7fff_ffff], Int32Array, {
    put: (view, at, value) => view.setInt32(at, value, true),
    get: (view, at) => view.getInt32(at, true),
  }),
  INT64: integer64([-(2n ** 63n), 2n ** 63n - 1n], BigInt64Array, (view, at) =>
    view.getBigInt64(at, true),
  ),
  FP16: float(2, undefined, {
    put: (view, at, value) => view.setUint16(at, fp16Bits(value), true),
    get: (view, at) => fromFp16Bits(view.getUint16(at, true)),
  }),
  BF16: float(2, undefined, {
    put: (view, at, value) => view.setUint16(at, bf16Bits(value), true),
    get: (view, at) => fromBf16Bits(view.getUint16(at, true)),
  }),
  FP32: float(4, Float32Array, {
    put: (view, at, value) => view.setFloat32(at, value, true),
    get: (view, at) => view.getFloat32(at, true),
  }),
  FP64: float(8, Float64Array, {
    put: (view, at, value) => view.setFloat64(at, value, true),
    get: (view, at) => view.getFloat64(at, true),
  }),
};

interface NumberAccess {
  put(view: DataView, at: number, value: number): void;
  get(view: DataView, at: number): number;
}

function integer(
  elementBytes: number,
  [least, most]: readonly [number, number],
  array: TypedArrayKind,
  access: NumberAccess,
): FixedDatatype {
  const accepts = (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  return { elementBytes, array, accepts, ...access };
}

function float(
  elementBytes: number,
  array: TypedArrayKind | undefined,
  access: NumberAccess,
): FixedDatatype {
  return { elementBytes, array, accepts: (value) => typeof value === 'number', ...access };
}

/** Numbers as far as they are exact, bigint beyond: token ids should not cost a bigint each. */
function integer64(
  [least, most]: readonly [bigint, bigint],
  array: TypedArrayKind,
  get: (view: DataView, at: number) => bigint,
): FixedDatatype {
  return {
    elementBytes: 8,
    array,
    accepts(value) {
      if (typeof value === 'bigint') return value >= least && value <= most;
      return Number.isSafeInteger(value) && ((value as number) >= 0 || least < 0n);
    },
    put(view, at, value: number | bigint) {
      if (typeof value === 'bigint') {
        view.setBigUint64(at, BigInt.asUintN(64, value), true);
        return;
      }
      view.setInt32(at, value | 0, true);
      view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
    },
    get(view, at) {
      const exact = get(view, at);
      const number = Number(exact);
      return Number.isSafeInteger(number) ? number : exact;
    },
  };
}
