/** The client does not speak HTTP/2, or sends a frame that nobody allowed it to send. */
export class NotHttp2 extends Error {}

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const headBytes = 9;
/** What a server takes unless it says otherwise (RFC 9113 section 6.5.2). */
const frameLimitBytes = 16_384;

/** Finds the frames in what a client sends, and reads no headers: none of them matters here. */
export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0);
  #hasBegun = false;

  push(chunk: Buffer, each: (frame: Frame) => void): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    if (!this.#hasBegun) {
      const length = Math.min(bytes.length, preface.length);
      if (!bytes.subarray(0, length).equals(preface.subarray(0, length))) throw new NotHttp2();
      this.#hasBegun = length === preface.length;
      at = this.#hasBegun ? length : 0;
    }
    while (this.#hasBegun && bytes.length - at >= headBytes) {
      const length = bytes.readUIntBE(at, 3);
      if (length > frameLimitBytes) throw new NotHttp2();
      const end = at + headBytes + length;
      if (end > bytes.length) break;
      each({
        type: bytes[at + 3]!,
        flags: bytes[at + 4]!,
        streamId: bytes.readUInt32BE(at + 5) & 0x7fff_ffff,
        payload: bytes.subarray(at + headBytes, end),
      });
      at = end;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }
}
