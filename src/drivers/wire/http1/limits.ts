/** What a response may take before it is refused; each refusal names the limit in its reason. */

/** One header line, trailer line or status line with its line end. */
export const HTTP1_LINE_LIMIT_BYTES: number = 16 * 1024;
/** Status line and header lines of one head; the trailers of a chunked body have as much again. */
export const HTTP1_HEAD_LIMIT_BYTES: number = 64 * 1024;
/** 1xx responses before the final one. */
export const HTTP1_INTERIM_LIMIT = 32;
/** Size and extensions of one chunk. */
export const HTTP1_CHUNK_LINE_LIMIT_BYTES = 4096;
/** A body, counted and let go. */
export const HTTP1_BODY_LIMIT_BYTES: number = 256 * 1024 * 1024;
/** A body that is kept since an expression reads it. */
export const HTTP1_KEPT_BODY_LIMIT_BYTES: number = 32 * 1024 * 1024;
