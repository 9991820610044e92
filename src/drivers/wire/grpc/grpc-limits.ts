/** What a message may take, raised from the 4 MiB that gRPC's own clients stop at. */
export const RECEIVE_LIMIT_BYTES: number = 64 * 1024 * 1024;
