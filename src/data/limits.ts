/** Rows that a source of text may have: their places take 8 bytes each, in every worker. */
export const MAX_LINES = 10_000_000;
/** Size of a data file, in bytes: those of text are kept in memory, in every worker. */
export const MAX_FILE_BYTES: number = 2 ** 31 - 1;
/** Size of a file that is one JSON list: its text and its values are both there for a moment. */
export const MAX_JSON_BYTES: number = 512 * 2 ** 20 - 32;
export const MAX_GENERATED_ROWS = 1_000_000;
/** Tokens in one generated text. */
export const MAX_TOKENS = 1_000_000;
/** Rows × tokens of a generator: the texts are kept in memory, in every worker. */
export const MAX_GENERATED_TOKENS = 20_000_000;
export const MAX_BATCH = 100_000;
export const MAX_COLUMNS = 1_000;
/** Values of a parquet file that are kept, rows × columns; a vector counts as one. */
export const MAX_PARQUET_CELLS = 20_000_000;
/** Files that one feeder may have a row for. */
export const MAX_FILES = 100_000;
/** Text of all sidecars of a feeder together. */
export const MAX_SIDECAR_BYTES: number = 64 * 2 ** 20;
/** Fields of generated values. */
export const MAX_FIELDS = 100;
/** Beginnings that generated prompts may share, and the length of each in tokens. */
export const MAX_PREFIX_GROUPS = 1_000_000;
export const MAX_PREFIX_TOKENS = 100_000;
/** Different token ids; the largest vocabularies have 256,000. */
export const MAX_VOCABULARY = 10_000_000;
/** Numbers in one vector. */
export const MAX_DIMENSION = 100_000;
/** Neighbours that the ground truth of a query may have. */
export const MAX_NEIGHBORS = 10_000;
/** Numbers in all queries whose exact neighbours are found: they are in memory, once. */
export const MAX_QUERY_NUMBERS: number = 2 ** 28;
/** Rows that may be taken of a source of any size. */
export const MAX_ROWS: number = 2 ** 31;
/**
 * Vectors up to this size are kept in memory, in every worker, where rows are read from anywhere in
 * them; of more a window is, or they are made anew.
 */
export const KEPT_BYTES: number = 64 * 2 ** 20;
