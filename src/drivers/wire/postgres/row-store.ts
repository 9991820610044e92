import { KeptBytes } from '../http1/kept-bytes.ts';
import { KEPT_ROWS_LIMIT_BYTES } from './limits.ts';
import { valueReader, type ValueReader } from './row-values.ts';

export interface Column {
  readonly name: string;
  /** Type of the value, as `pg_type` numbers it. */
  readonly typeOid: number;
  readonly read: ValueReader;
}

export type Row = Readonly<Record<string, unknown>>;

/** The columns in the body of a RowDescription. */
export function readColumns(bytes: Buffer, from: number): readonly Column[] {
  const columns: Column[] = [];
  const count = bytes.readUInt16BE(from);
  let at = from + 2;
  for (let index = 0; index < count; index++) {
    const end = bytes.indexOf(0, at);
    const name = bytes.toString('utf8', at, end);
    // After the name: table (4), number in the table (2), type (4), size (2), modifier (4), format (2).
    const typeOid = bytes.readUInt32BE(end + 7);
    columns.push({ name, typeOid, read: valueReader(typeOid) });
    at = end + 19;
  }
  return columns;
}

/** Rows as bytes, as they came: nothing of them is read before somebody asks. */
export class RowStore {
  count = 0;
  columns: readonly Column[] | undefined;
  readonly #kept = new KeptBytes();
  #rows: readonly Row[] | undefined;

  clear(): void {
    if (this.count > 0) this.#kept.clear();
    this.count = 0;
    this.columns = undefined;
    this.#rows = undefined;
  }

  /** Adds the body of a DataRow; false where there is no more place. */
  add(bytes: Buffer, from: number, to: number): boolean {
    if (this.#kept.length + to - from > KEPT_ROWS_LIMIT_BYTES) return false;
    this.#kept.append(bytes, from, to);
    this.count++;
    return true;
  }

  /** By column name; of several columns with one name the last one counts. */
  get rows(): readonly Row[] {
    this.#rows ??= this.#readRows();
    return this.#rows;
  }

  /** What one column has, row by row, without the others; undefined where there is none. */
  valuesOf(column: string): readonly unknown[] | undefined {
    const { columns = [] } = this;
    const index = columns.findLastIndex(({ name }) => name === column);
    if (index < 0) return undefined;
    const { read } = columns[index]!;
    const bytes = this.#kept.bytes;
    const values: unknown[] = [];
    let at = 0;
    for (let row = 0; row < this.count; row++) {
      const field = this.#field(at, index);
      const length = bytes.readInt32BE(field);
      values.push(length < 0 ? null : read(bytes, field + 4, field + 4 + length));
      at = this.#rowEnd(at);
    }
    return values;
  }

  /** The value in its text form, as bytes; null for NULL, undefined where there is none. */
  textOf(row: number, column: string): string | null | undefined {
    const { columns = [] } = this;
    const index = columns.findIndex(({ name }) => name === column);
    if (index < 0 || row >= this.count) return undefined;
    const bytes = this.#kept.bytes;
    let at = 0;
    for (let skipped = 0; skipped < row; skipped++) at = this.#rowEnd(at);
    at = this.#field(at, index);
    const length = bytes.readInt32BE(at);
    return length < 0 ? null : bytes.toString('latin1', at + 4, at + 4 + length);
  }

  #readRows(): readonly Row[] {
    const { columns = [] } = this;
    const bytes = this.#kept.bytes;
    const rows: Row[] = [];
    let at = 0;
    for (let index = 0; index < this.count; index++) {
      const row: Record<string, unknown> = {};
      const fields = bytes.readUInt16BE(at);
      at += 2;
      for (let field = 0; field < fields; field++) {
        const length = bytes.readInt32BE(at);
        at += 4;
        const column = columns[field];
        const end = at + Math.max(length, 0);
        if (column !== undefined) {
          row[column.name] = length < 0 ? null : column.read(bytes, at, end);
        }
        at = end;
      }
      rows.push(row);
    }
    return rows;
  }

  #rowEnd(from: number): number {
    return this.#field(from, this.#kept.bytes.readUInt16BE(from));
  }

  /** Where the length of field `index` stands in the row that begins at `from`. */
  #field(from: number, index: number): number {
    const bytes = this.#kept.bytes;
    let at = from + 2;
    for (let field = 0; field < index; field++) at += 4 + Math.max(bytes.readInt32BE(at), 0);
    return at;
  }
}
