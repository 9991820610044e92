import { FLAG, FRAME, FRAME_HEAD_BYTES, FIRST_WINDOW_BYTES, LARGEST_NUMBER } from './frames.ts';
import type { Http2Stream } from './http2-stream.ts';
import { FRAME_LIMIT_BYTES, OUTGOING_LIMIT_BYTES } from './limits.ts';
import type { FrameWriter } from './send-pages.ts';

/**
 * Writes message bytes as DATA frames, as far as the windows of stream and connection let it and the
 * socket takes them (RFC 9113 section 6.9). What may not go waits here, whoever came first first.
 */
export class StreamSender {
  readonly #writer: FrameWriter;
  #windowBytes = FIRST_WINDOW_BYTES;
  #frameBytes = FRAME_LIMIT_BYTES;
  readonly #blocked = new Set<Http2Stream>();

  constructor(writer: FrameWriter) {
    this.#writer = writer;
  }

  get hasBlocked(): boolean {
    return this.#blocked.size > 0;
  }

  get frameBytes(): number {
    return this.#frameBytes;
  }

  /** We never write larger frames than those, though the server may take them. */
  limitFrames(bytes: number): void {
    this.#frameBytes = Math.min(bytes, FRAME_LIMIT_BYTES);
  }

  /** The window of the connection grew; false where it became larger than any may be. */
  credit(bytes: number): boolean {
    this.#windowBytes += bytes;
    return this.#windowBytes <= LARGEST_NUMBER;
  }

  send(stream: Http2Stream): void {
    while (stream.hasToSend) {
      const room = this.#writer.waitingBytes < OUTGOING_LIMIT_BYTES ? this.#frameBytes : 0;
      const windowBytes = Math.min(stream.sendWindowBytes, this.#windowBytes);
      const length = Math.min(stream.waitingBytes, windowBytes, room);
      // A frame without bytes takes no window: it only says that there are none any more.
      if (length <= 0 && stream.waitingBytes > 0) {
        this.#blocked.add(stream);
        return;
      }
      this.#writeFrame(stream, length);
      if (stream.waitingBytes === 0) stream.user.drained?.();
    }
    this.#blocked.delete(stream);
  }

  /** After a window grew, or the socket took what waited. */
  resume(): void {
    // A copy: those that stay blocked are added again.
    const waiting = Array.from(this.#blocked);
    for (const stream of waiting) {
      // Behind the others, so that one large message does not hold them all up.
      this.#blocked.delete(stream);
      this.send(stream);
    }
  }

  forget(stream: Http2Stream): void {
    this.#blocked.delete(stream);
  }

  #writeFrame(stream: Http2Stream, length: number): void {
    const isLast = stream.isComplete && length === stream.waitingBytes;
    const flags = isLast ? FLAG.END_STREAM : 0;
    this.#writer.head({ type: FRAME.DATA, flags, streamId: stream.id, length });
    this.#writePayload(stream, length);
    stream.waitingBytes -= length;
    stream.sendWindowBytes -= length;
    this.#windowBytes -= length;
    stream.bytesSent += FRAME_HEAD_BYTES + length;
    if (isLast) stream.isSendClosed = true;
  }

  #writePayload(stream: Http2Stream, length: number): void {
    const { waiting } = stream;
    let left = length;
    let done = 0;
    while (left > 0) {
      const piece = waiting[done]!;
      const part = Math.min(left, piece.length - stream.offset);
      const isWhole = stream.offset === 0 && part === piece.length;
      this.#writer.bytes(isWhole ? piece : piece.subarray(stream.offset, stream.offset + part));
      left -= part;
      stream.offset += part;
      if (stream.offset < piece.length) break;
      stream.offset = 0;
      done++;
    }
    if (done > 0) waiting.splice(0, done);
  }
}
