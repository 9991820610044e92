/** The largest message of a server that is read. PostgreSQL itself sends none above 1 GiB. */
export const MESSAGE_LIMIT_BYTES: number = 256 * 1024 * 1024;
/** The most of rows that is kept for expressions to read. */
export const KEPT_ROWS_LIMIT_BYTES: number = 32 * 1024 * 1024;
