/** One event: its data lines together, and any one line. What is longer is no event stream. */
export const SSE_EVENT_LIMIT_BYTES: number = 4 * 1024 * 1024;
