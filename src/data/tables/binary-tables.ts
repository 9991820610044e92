import { DatasetFile, notUsable } from './dataset-file.ts';
import { ELEMENTS, type ElementName } from './elements.ts';
import type { NumberTable } from './number-table.ts';
import { openStridedTable } from './strided-table.ts';

/** Formats of rows that each begin with their dimension (corpus-texmex.irisa.fr). */
export const VECS_ELEMENTS = {
  fvecs: 'float32',
  ivecs: 'int32',
  bvecs: 'uint8',
} as const satisfies Record<string, ElementName>;

/** Formats of a header with rows and dimension, and the rows (big-ann-benchmarks.com). */
export const BIN_ELEMENTS = {
  fbin: 'float32',
  u8bin: 'uint8',
  i8bin: 'int8',
  ibin: 'int32',
} as const satisfies Record<string, ElementName>;

export type VecsFormat = keyof typeof VECS_ELEMENTS;
export type BinFormat = keyof typeof BIN_ELEMENTS;

const BIN_HEADER_BYTES = 8;

/** Throws DATASET_NOT_READABLE and DATASET_NOT_USABLE. */
export function openVecsTable(path: string, format: VecsFormat): NumberTable {
  const file = new DatasetFile(path);
  const element = ELEMENTS[VECS_ELEMENTS[format]];
  const dimension = file.size < 4 ? 0 : file.head(4).readInt32LE(0);
  const rowBytes = 4 + dimension * element.bytes;
  if (dimension > 0 && file.size % rowBytes !== 0) {
    file.close();
    const wanted = `a multiple of ${rowBytes} bytes (rows of ${dimension} numbers)`;
    throw notUsable(path, `expected ${wanted}, found ${file.size}: it is cut off, or no ${format}`);
  }
  const rowCount = file.size / rowBytes;
  return openStridedTable(file, {
    form: format,
    element,
    rowCount,
    dimension,
    start: 0,
    rowHeadBytes: 4,
  });
}

/** Throws DATASET_NOT_READABLE and DATASET_NOT_USABLE. */
export function openBinTable(path: string, format: BinFormat): NumberTable {
  const file = new DatasetFile(path);
  const element = ELEMENTS[BIN_ELEMENTS[format]];
  const { rowCount, dimension } = binHeader(file);
  const wanted = BIN_HEADER_BYTES + rowCount * dimension * element.bytes;
  if (file.size !== wanted) {
    file.close();
    throw wrongSize(file, { rowCount, dimension, wanted });
  }
  const start = BIN_HEADER_BYTES;
  return openStridedTable(file, {
    form: format,
    element,
    rowCount,
    dimension,
    start,
    rowHeadBytes: 0,
  });
}

/** Ids, and distances where the file has them: the ground truth of big-ann-benchmarks. */
export interface NeighborTables {
  readonly ids: NumberTable;
  readonly distances?: NumberTable;
}

/** A header with queries and depth, all ids as int32, all distances as float32. */
export function openNeighborsBin(path: string): NeighborTables {
  const file = new DatasetFile(path);
  const { rowCount, dimension } = binHeader(file);
  const listBytes = rowCount * dimension * 4;
  const wanted = BIN_HEADER_BYTES + 2 * listBytes;
  const layout = { form: 'neighbors', rowCount, dimension, rowHeadBytes: 0 as const };
  if (file.size === BIN_HEADER_BYTES + listBytes || file.size === wanted) {
    const ids = { ...layout, element: ELEMENTS.int32, start: BIN_HEADER_BYTES };
    const table = openStridedTable(file, ids);
    if (file.size !== wanted) return { ids: table };
    const start = BIN_HEADER_BYTES + listBytes;
    const distances = { ...layout, element: ELEMENTS.float32, start };
    return { ids: table, distances: openStridedTable(new DatasetFile(path), distances) };
  }
  file.close();
  throw wrongSize(file, { rowCount, dimension, wanted });
}

function binHeader(file: DatasetFile): { rowCount: number; dimension: number } {
  if (file.size < BIN_HEADER_BYTES) {
    file.close();
    const wanted = `a header of ${BIN_HEADER_BYTES} bytes`;
    throw notUsable(file.path, `expected ${wanted}, found ${file.size} bytes in all`);
  }
  const head = file.head(BIN_HEADER_BYTES);
  return { rowCount: head.readUInt32LE(0), dimension: head.readUInt32LE(4) };
}

function wrongSize(
  { path, size }: DatasetFile,
  { rowCount, dimension, wanted }: { rowCount: number; dimension: number; wanted: number },
) {
  const header = `its header says ${rowCount} rows of ${dimension}`;
  const what = size < wanted ? 'it is cut off, or of another format' : 'it is of another format';
  return notUsable(path, `${header}: expected ${wanted} bytes, found ${size}; ${what}`);
}
