import { MAX_DIMENSION } from '../limits.ts';
import { type DatasetFile, notUsable } from './dataset-file.ts';
import type { Element } from './elements.ts';
import type { Numbers, NumberTable } from './number-table.ts';

/** Bytes that are read at once. */
const BLOCK_BYTES = 2 ** 20;

/** Rows of equal length, one behind the other. */
export interface StridedLayout {
  readonly form: string;
  readonly element: Element;
  readonly rowCount: number;
  readonly dimension: number;
  /** Bytes before the first row. */
  readonly start: number;
  /** Bytes before the numbers of each row, which say its dimension as an int32; 0 for none. */
  readonly rowHeadBytes: 0 | 4;
}

/** Throws DATASET_NOT_USABLE, having closed the file. */
export function openStridedTable(file: DatasetFile, layout: StridedLayout): NumberTable {
  const { dimension, rowCount } = layout;
  try {
    if (dimension < 1 || dimension > MAX_DIMENSION) {
      const wanted = `rows of 1 to ${MAX_DIMENSION} numbers`;
      throw notUsable(file.path, `expected ${wanted}, found ${dimension} in its header`);
    }
    const table = new StridedTable(file, layout);
    // A file of another format rarely has the right number at its end too.
    if (rowCount > 0) table.read(rowCount - 1, new Float64Array(dimension));
    return table;
  } catch (error) {
    file.close();
    throw error;
  }
}

class StridedTable implements NumberTable {
  readonly file: string;
  readonly form: string;
  readonly rowCount: number;
  readonly dimension: number;
  readonly #source: DatasetFile;
  readonly #layout: StridedLayout;
  readonly #rowBytes: number;
  #block = new Uint8Array(0);
  /** Eight bytes aligned, for the numbers of a row behind a head of four bytes. */
  readonly #row: Uint8Array;

  constructor(source: DatasetFile, layout: StridedLayout) {
    this.#source = source;
    this.#layout = layout;
    this.file = source.path;
    this.form = `${layout.form}, ${layout.element.name}`;
    this.rowCount = layout.rowCount;
    this.dimension = layout.dimension;
    this.#row = new Uint8Array(layout.dimension * layout.element.bytes);
    this.#rowBytes = layout.rowHeadBytes + this.#row.length;
  }

  read(first: number, into: Numbers): void {
    const rows = into.length / this.dimension;
    const rowsAtOnce = Math.max(1, Math.floor(BLOCK_BYTES / this.#rowBytes));
    for (let done = 0; done < rows; done += rowsAtOnce) {
      this.#readBlock(first + done, Math.min(rowsAtOnce, rows - done), into, done);
    }
  }

  close(): void {
    this.#source.close();
  }

  #readBlock(first: number, rows: number, into: Numbers, done: number): void {
    const { start, element, rowHeadBytes } = this.#layout;
    const bytes = rows * this.#rowBytes;
    if (this.#block.length < bytes) this.#block = new Uint8Array(bytes);
    const block = this.#block.subarray(0, bytes);
    this.#source.read(start + first * this.#rowBytes, block);
    if (rowHeadBytes === 0) return element.decode(block, into, done * this.dimension);
    const heads = new DataView(block.buffer, block.byteOffset, bytes);
    for (let row = 0; row < rows; row++) {
      const at = row * this.#rowBytes;
      this.#checkHead(heads.getInt32(at, true), first + row);
      this.#row.set(block.subarray(at + rowHeadBytes, at + this.#rowBytes));
      element.decode(this.#row, into, (done + row) * this.dimension);
    }
  }

  #checkHead(found: number, row: number): void {
    if (found === this.dimension) return;
    const wanted = `${this.dimension} numbers in row ${row} as in row 0`;
    throw notUsable(this.file, `expected ${wanted}, found ${found}`);
  }
}
