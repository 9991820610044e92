/** Longer heads are read anew each time. */
const LONGEST_HEAD_BYTES = 1024;

/** What a head says about its response and what follows it. */
export interface HeadFraming {
  status: number;
  keepAlive: boolean;
  isChunked: boolean;
  /** -1 when it gives none. */
  contentLength: number;
}

/**
 * The last head that arrived in one piece, with what was read from it. A server under load sends
 * the same head again and again (its date changes once a second), and comparing bytes costs a
 * fifth of reading them. One memo serves all connections to a server.
 */
export class HeadMemo implements HeadFraming {
  status = 0;
  keepAlive = false;
  isChunked = false;
  contentLength = -1;
  /** Bytes of the head, 0 while there is none. */
  length = 0;
  readonly #bytes = new Uint8Array(LONGEST_HEAD_BYTES);

  /** True when `bytes[from … to)` begins with exactly this head. */
  matches(bytes: Buffer, from: number, to: number): boolean {
    const { length } = this;
    if (length === 0 || to - from < length) return false;
    const head = this.#bytes;
    for (let index = 0; index < length; index++) {
      if (bytes[from + index] !== head[index]) return false;
    }
    return true;
  }

  /** `bytes[from … to)` is a whole head, up to and with its blank line. */
  remember(bytes: Buffer, from: number, to: number, framing: HeadFraming): void {
    if (to - from > LONGEST_HEAD_BYTES) return;
    bytes.copy(this.#bytes, 0, from, to);
    this.length = to - from;
    this.status = framing.status;
    this.keepAlive = framing.keepAlive;
    this.isChunked = framing.isChunked;
    this.contentLength = framing.contentLength;
  }
}
