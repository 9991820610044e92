/** What an iteration reads under the name of a feeder. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows by number, from 0: the part of a source that a feeder uses. */
export interface RowSource {
  /** Infinity for a generator that never ends. */
  readonly rowCount: number;
  /** Positions after which there is nothing more to say, whatever the order; Infinity if absent. */
  readonly lasts?: number;
  readonly fields: readonly string[];
  /** With a field `truth`: how many neighbours each has at least. */
  readonly truthDepth?: number;
  /**
   * Row number `index`. `position` counts on over all passes, where a generator wants to say
   * something new each time.
   */
  row(index: number, position?: number): Row;
}

/** Which part of a source is used. */
export interface RowSlice {
  readonly skip: number;
  /** Infinity for all. */
  readonly rows: number;
  /** Rows are read about one after the other. */
  readonly inOrder?: boolean;
}
