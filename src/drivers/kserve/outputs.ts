import type { DatatypeName } from './datatypes.ts';
import { valuesOf } from './tensor-values.ts';

/** An output tensor as expressions read it. */
export interface OutputTensor {
  /** Missing where the protocol does not say it (`generate_stream`). */
  readonly datatype: DatatypeName | undefined;
  readonly shape: readonly number[];
  /** Flat, row by row; decoded when it is read. */
  readonly values: readonly unknown[];
}

/** The output tensors of one response by name. */
export type Outputs = Readonly<Record<string, OutputTensor>>;

/** The bytes have to stay as they are for as long as anybody may read the values. */
export function outputOf(
  datatype: DatatypeName,
  shape: readonly number[],
  bytes: Buffer,
): OutputTensor {
  let values: readonly unknown[] | undefined;
  return {
    datatype,
    shape,
    get values() {
      return (values ??= valuesOf(datatype, bytes));
    },
  };
}

/** The elements of nested lists, row by row. */
export function flatElements(data: unknown): readonly unknown[] {
  if (!Array.isArray(data)) return [data];
  return data.some(Array.isArray) ? data.flat(Number.POSITIVE_INFINITY) : data;
}
