import { DatasetFile, notUsable } from './dataset-file.ts';
import { ELEMENTS, type ElementName } from './elements.ts';
import type { NumberTable } from './number-table.ts';
import { openStridedTable } from './strided-table.ts';

const MAGIC = '\x93NUMPY';
/** Long enough for any header of a plain array; version 1 allows 64 KiB. */
const MAX_HEADER_BYTES = 2 ** 16;

const KINDS: Readonly<Record<string, ElementName>> = {
  '<f2': 'float16',
  '<f4': 'float32',
  '<f8': 'float64',
  '|i1': 'int8',
  '|u1': 'uint8',
  '|b1': 'uint8',
  '<i2': 'int16',
  '<u2': 'uint16',
  '<i4': 'int32',
  '<u4': 'uint32',
  '<i8': 'int64',
  '<u8': 'uint64',
};

/**
 * An array of one or two dimensions as numpy saves it (NEP 1, "A Simple File Format for NumPy
 * Arrays"); one of one dimension has rows of one number. Throws DATASET_NOT_READABLE and
 * DATASET_NOT_USABLE.
 */
export function openNpyTable(path: string): NumberTable {
  const file = new DatasetFile(path);
  const header = readHeader(file);
  const reason = typeof header === 'string' ? header : sizeProblem(file, header);
  if (reason !== undefined) {
    file.close();
    throw notUsable(path, reason);
  }
  const { element, rowCount, dimension, start } = header as Header;
  const layout = { form: 'npy', element: ELEMENTS[element], rowCount, dimension, start };
  return openStridedTable(file, { ...layout, rowHeadBytes: 0 });
}

interface Header {
  readonly element: ElementName;
  readonly rowCount: number;
  readonly dimension: number;
  readonly start: number;
}

/** The header, or what is wrong with it. */
function readHeader(file: DatasetFile): Header | string {
  const head = file.head(MAX_HEADER_BYTES);
  if (head.toString('latin1', 0, 6) !== MAGIC || head.length < 12) {
    return 'it does not begin as a file of numpy does';
  }
  const isFirst = head[6] === 1;
  const start = isFirst ? 10 + head.readUInt16LE(8) : 12 + head.readUInt32LE(8);
  if (start > head.length) return `its header ends at byte ${start}, and the file before it`;
  const text = head.toString('latin1', isFirst ? 10 : 12, start);
  const kind = /'descr': *'([^']+)'/.exec(text)?.[1] ?? '';
  const element = KINDS[kind];
  if (element === undefined) return `numbers of type ${kind || 'unknown'} are not read`;
  if (/'fortran_order': *True/.test(text)) return 'it is stored column by column (Fortran order)';
  const shape = /'shape': *\(([^)]*)\)/.exec(text)?.[1] ?? '';
  const sizes = shape.split(',').filter((size) => size.trim() !== '');
  const [rowCount, dimension = 1] = sizes.map(Number);
  if (sizes.length > 2 || rowCount === undefined || !Number.isSafeInteger(rowCount * dimension)) {
    return `expected an array of two dimensions, found shape (${shape})`;
  }
  return { element, rowCount, dimension, start };
}

function sizeProblem({ size }: DatasetFile, header: Header): string | undefined {
  const { element, rowCount, dimension, start } = header;
  const wanted = start + rowCount * dimension * ELEMENTS[element].bytes;
  if (size >= wanted) return undefined;
  return `its header says ${rowCount} rows of ${dimension}: expected ${wanted} bytes, found ${size}; it is cut off`;
}
