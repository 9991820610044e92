import { writeFileSync } from 'node:fs';
import type { Truth } from './truth-rows.ts';

/** Ids that the formats of ground truth can hold. */
const MOST_ID = 2 ** 31 - 1;

export interface Neighbors {
  readonly rows: number;
  /** Neighbours of each query; a list that is shorter is filled with −1. */
  readonly k: number;
  truth(row: number): Required<Truth>;
}

/** As ivecs: the ids of each query behind their number. Throws a RangeError for larger ids. */
export function writeIvecs(file: string, neighbors: Neighbors): void {
  const { rows, k } = neighbors;
  const numbers = new Int32Array(rows * (k + 1));
  for (let row = 0; row < rows; row++) {
    numbers[row * (k + 1)] = k;
    numbers.set(idsOf(neighbors, row), row * (k + 1) + 1);
  }
  writeFileSync(file, numbers, { flag: 'wx' });
}

/** As big-ann-benchmarks do: queries and depth, all ids, all distances as floats. */
export function writeNeighborsBin(file: string, neighbors: Neighbors): void {
  const { rows, k, truth } = neighbors;
  const bytes = Buffer.alloc(8 + 8 * rows * k);
  bytes.writeUInt32LE(rows, 0);
  bytes.writeUInt32LE(k, 4);
  const ids = new Int32Array(bytes.buffer, bytes.byteOffset + 8, rows * k);
  const distances = new Float32Array(bytes.buffer, bytes.byteOffset + 8 + 4 * rows * k, rows * k);
  for (let row = 0; row < rows; row++) {
    ids.set(idsOf(neighbors, row), row * k);
    distances.fill(Number.POSITIVE_INFINITY, row * k, (row + 1) * k);
    distances.set(truth(row).distances.slice(0, k), row * k);
  }
  writeFileSync(file, bytes, { flag: 'wx' });
}

function idsOf({ k, truth }: Neighbors, row: number): Int32Array {
  const ids = truth(row).ids.slice(0, k);
  const large = ids.find((id) => !Number.isInteger(id) || id < 0 || id > MOST_ID);
  if (large !== undefined) throw new RangeError(`the id ${large} is none that this format holds`);
  return new Int32Array(k).fill(-1).map((none, at) => ids[at] ?? none);
}
