import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { type CsvValue, parseCsvRecord } from './csv-record.ts';
import { MAX_COLUMNS } from './limits.ts';
import { textRows } from './line-rows.ts';
import { RowPlaces } from './row-places.ts';
import type { Row, RowSlice, RowSource } from './row-source.ts';
import { lineEnd, readTextFile, textStart, withoutReturn } from './text-file.ts';

const QUOTE = 34;

/**
 * Reads comma-separated values (RFC 4180) with a first record of column names. A column whose
 * values all are numbers, none of them in quotes, gives numbers; every other gives texts. All
 * records are looked at when the file is opened, so that a broken one ends a run before it starts.
 * Throws DATA_NOT_READABLE and DATA_NOT_USABLE.
 */
export async function openCsvRows(
  feeder: string,
  file: string,
  slice: RowSlice,
): Promise<RowSource> {
  const bytes = await readTextFile(feeder, file);
  return new CsvReader(feeder, file, bytes).read(slice);
}

class CsvReader {
  readonly #feeder: string;
  readonly #file: string;
  readonly #bytes: Buffer;
  #names: readonly string[] = [];
  /** By column: whether all values are numbers so far, or empty; and whether one is a number. */
  #isNumeric: boolean[] = [];
  #hasNumber: boolean[] = [];

  constructor(feeder: string, file: string, bytes: Buffer) {
    this.#feeder = feeder;
    this.#file = file;
    this.#bytes = bytes;
  }

  read({ skip, rows }: RowSlice): RowSource {
    const places = new RowPlaces({ feeder: this.#feeder, file: this.#file });
    let seen = 0;
    let start = textStart(this.#bytes);
    while (start < this.#bytes.length && places.count < rows) {
      const next = this.#recordEnd(start);
      const end = withoutReturn(this.#bytes, start, next);
      if (end > start) {
        const values = this.#parse(start, end);
        if (this.#names.length === 0) this.#readHeader(values, start);
        else if (this.#checkRecord(values, start) && seen++ >= skip) {
          places.add(start, end);
          this.#noteNumbers(values);
        }
      }
      start = next + 1;
    }
    const numeric = this.#isNumeric.map((is, column) => is && this.#hasNumber[column]!);
    const row = (index: number): Row =>
      toRow(this.#names, numeric, parseCsvRecord(places.text(this.#bytes, index)) as CsvValue[]);
    return textRows(this.#bytes, { rowCount: places.count, fields: this.#names, row });
  }

  /** A line feed between quotes does not end a record: it ends where the quotes are even. */
  #recordEnd(start: number): number {
    let quotes = 0;
    let from = start;
    for (;;) {
      const end = lineEnd(this.#bytes, from);
      for (let at = from; at < end; at++) if (this.#bytes[at] === QUOTE) quotes++;
      if (quotes % 2 === 0) return end;
      if (end === this.#bytes.length) throw this.#unusable(start, 'a quote is never closed');
      from = end + 1;
    }
  }

  #parse(start: number, end: number): readonly CsvValue[] {
    const values = parseCsvRecord(this.#bytes.toString('utf8', start, end));
    if (typeof values === 'string') throw this.#unusable(start, values);
    return values;
  }

  #readHeader(values: readonly CsvValue[], start: number): void {
    this.#names = values.map(({ text }) => text.trim());
    const twice = this.#names.find((name, index) => this.#names.indexOf(name) !== index);
    if (this.#names.includes('')) throw this.#unusable(start, 'a column has no name');
    if (this.#names.includes('__proto__'))
      throw this.#unusable(start, 'a column is called __proto__');
    if (twice !== undefined) throw this.#unusable(start, `two columns are called ${twice}`);
    if (values.length > MAX_COLUMNS) {
      throw this.#unusable(start, `it has more than ${MAX_COLUMNS} columns`);
    }
    this.#isNumeric = this.#names.map(() => true);
    this.#hasNumber = this.#names.map(() => false);
  }

  #checkRecord(values: readonly CsvValue[], start: number): true {
    const expected = this.#names.length;
    if (values.length === expected) return true;
    throw this.#unusable(
      start,
      `expected ${expected} values as in the header, found ${values.length}`,
    );
  }

  #noteNumbers(values: readonly CsvValue[]): void {
    for (const [column, value] of values.entries()) {
      if (!this.#isNumeric[column] || (value.text === '' && !value.quoted)) continue;
      if (isNumber(value)) this.#hasNumber[column] = true;
      else this.#isNumeric[column] = false;
    }
  }

  #unusable(start: number, reason: string): LoadgenError {
    const line = this.#bytes.toString('latin1', 0, start).split('\n').length;
    const source = `${this.#file}:${line}`;
    return new LoadgenError('DATA_NOT_USABLE', { feeder: this.#feeder, source, reason });
  }
}

/** As JSON writes it: `007` is a text, and so is an integer that a number cannot hold. */
function isNumber({ text, quoted }: CsvValue): boolean {
  if (quoted || !/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return false;
  const value = Number(text);
  return Number.isFinite(value) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(value));
}

function toRow(
  names: readonly string[],
  numeric: readonly boolean[],
  values: readonly CsvValue[],
): Row {
  const row: Record<string, unknown> = {};
  for (const [column, name] of names.entries()) {
    const { text } = values[column]!;
    row[name] = !numeric[column] ? text : text === '' ? null : Number(text);
  }
  return row;
}
