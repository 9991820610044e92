/** What rows of a table are read into; ids beyond 2^24 need doubles. */
export type Numbers = Float32Array | Float64Array;

/**
 * Rows of equally many numbers in a file, by row number: vectors, or the ground truth of queries.
 * Reading is synchronous: of a file in the page cache a megabyte takes a tenth of a millisecond.
 */
export interface NumberTable {
  readonly file: string;
  /** As `loadgen dataset inspect` says it: `fvecs`, `hdf5, float32`. */
  readonly form: string;
  readonly rowCount: number;
  readonly dimension: number;
  /**
   * Fills `into` from row `first` on with as many rows as it holds. Throws DATASET_NOT_USABLE
   * where the file has changed or a row is not as the first one.
   */
  read(first: number, into: Numbers): void;
  close(): void;
}
