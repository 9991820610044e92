/** Bounds of an HTTP/2 connection; what goes beyond them ends it, and the reason names the limit. */

/** The largest frame that we take: RFC 9113's own default, which every server keeps to. */
export const FRAME_LIMIT_BYTES: number = 16 * 1024;
/** A header block as it is sent, over all its frames. */
export const HEADER_BLOCK_LIMIT_BYTES: number = 64 * 1024;
/** CONTINUATION frames of one header block: empty ones cost their sender nothing. */
export const CONTINUATION_LIMIT = 64;
/** A header block once it is read. */
export const HEADER_LIST_LIMIT_BYTES: number = 64 * 1024;
/**
 * What a server may send on one stream before we credit it: large, so that the window never is what
 * a stream waits for. Nothing is kept of it here: bytes go to their reader as they come.
 */
export const STREAM_WINDOW_BYTES: number = 4 * 1024 * 1024;
/** The same for all streams of a connection. */
export const CONNECTION_WINDOW_BYTES: number = 64 * 1024 * 1024;
/** Bytes that wait for the socket; beyond them message data stays with its streams. */
export const OUTGOING_LIMIT_BYTES: number = 1024 * 1024;
/** Answers to PING and SETTINGS that may wait for a server that asks and does not read. */
export const REPLIES_LIMIT = 10_000;
/** Requests that go out with one write, at most, while answers are being read. */
export const WRITE_BATCH_REQUESTS = 8;
/** Streams at once where the server does not say: ours is what it would be, without end. */
export const STREAMS_LIMIT = 100_000;
