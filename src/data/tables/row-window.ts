import { KEPT_BYTES } from '../limits.ts';
import type { RowSlice } from '../row-source.ts';
import type { Numbers, NumberTable } from './number-table.ts';

/** Of rows that are read in their order so many bytes are read at once, and kept. */
const WINDOW_BYTES = 2 ** 20;
/** Windows that are kept: iterations in flight are not far from each other. */
const MAX_WINDOWS = 8;

/** How rows of a table become what is handed out: vectors, or doubles where ids need them. */
type NumbersOf<Kind extends Numbers> = new (length: number) => Kind;

/** The rows of a slice of a table, by their number in the slice, in bounded memory. */
export class RowWindow<Kind extends Numbers> {
  readonly rowCount: number;
  readonly #table: NumberTable;
  readonly #skip: number;
  readonly #numbers: NumbersOf<Kind>;
  readonly #rowsAtOnce: number;
  readonly #windows = new Map<number, Kind>();

  /**
   * `inOrder`: rows are asked for about one after the other, and read when their turn comes; else
   * all are read now, or, where they cannot be kept, each on its own.
   */
  constructor(
    table: NumberTable,
    slice: RowSlice,
    { numbers, inOrder }: { readonly numbers: NumbersOf<Kind>; readonly inOrder: boolean },
  ) {
    this.#table = table;
    this.#numbers = numbers;
    this.#skip = Math.min(slice.skip, table.rowCount);
    this.rowCount = Math.min(table.rowCount - this.#skip, slice.rows);
    const rowBytes = new numbers(table.dimension).byteLength;
    const isKept = !inOrder && this.rowCount * rowBytes <= KEPT_BYTES;
    const rowsInWindow = inOrder ? Math.max(1, Math.floor(WINDOW_BYTES / rowBytes)) : 1;
    this.#rowsAtOnce = isKept ? Math.max(1, this.rowCount) : rowsInWindow;
    if (isKept && this.rowCount > 0) this.#windowOf(0);
  }

  /** Read-only: it may be handed out again. */
  row(index: number): Kind {
    const number = Math.floor(index / this.#rowsAtOnce);
    const { dimension } = this.#table;
    const window = this.#windowOf(number);
    const at = (index - number * this.#rowsAtOnce) * dimension;
    return window.subarray(at, at + dimension) as Kind;
  }

  #windowOf(number: number): Kind {
    const known = this.#windows.get(number);
    if (known !== undefined) return known;
    const first = number * this.#rowsAtOnce;
    const rows = Math.min(this.#rowsAtOnce, this.rowCount - first);
    // A new one each time: rows of an older one may still be in use.
    const window = new this.#numbers(rows * this.#table.dimension);
    this.#table.read(this.#skip + first, window);
    if (this.#windows.size >= MAX_WINDOWS) {
      const [oldest] = this.#windows.keys();
      this.#windows.delete(oldest!);
    }
    this.#windows.set(number, window);
    return window;
  }
}
