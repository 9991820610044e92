/** What an iteration reads under the name of a feeder. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows by number, from 0: the part of a source that a feeder uses. */
export interface RowSource {
  readonly rowCount: number;
  readonly fields: readonly string[];
  row(index: number): Row;
}

/** Which part of a source is used. */
export interface RowSlice {
  readonly skip: number;
  /** Infinity for all. */
  readonly rows: number;
}
