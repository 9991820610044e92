import type { FrameHead } from './frame-reader.ts';
import { FLAG, FRAME, type Http2ErrorName } from './frames.ts';
import { HeaderBlockRefused, HeaderDecoder } from './hpack/header-decoder.ts';
import type { HeaderField } from './hpack/static-table.ts';
import { CONTINUATION_LIMIT, HEADER_BLOCK_LIMIT_BYTES } from './limits.ts';

/** A header block that has come whole. */
export interface HeaderBlock {
  readonly streamId: number;
  readonly fields: readonly HeaderField[];
  /** The stream ends with it. */
  readonly isLast: boolean;
}

/** Why the connection has to end. */
export interface HeaderBlockFailure {
  readonly reason: string;
  readonly code: Http2ErrorName;
}

/** Puts header blocks together from HEADERS and CONTINUATION frames, and reads them. */
export class HeaderBlocks {
  /** The block that the last frame completed. */
  complete: HeaderBlock | undefined;
  readonly #decoder = new HeaderDecoder();
  #streamId = 0;
  #isLast = false;
  readonly #parts: Buffer[] = [];
  #partBytes = 0;

  /** A block has begun, and only CONTINUATION frames may follow (section 6.10). */
  get isOpen(): boolean {
    return this.#parts.length > 0;
  }

  take(head: FrameHead, bytes: Buffer, payload: number): HeaderBlockFailure | undefined {
    const { type, flags, streamId, length } = head;
    this.complete = undefined;
    let from = payload;
    let to = payload + length;
    if (type === FRAME.HEADERS) {
      if (streamId === 0) return wrong('headers of no stream');
      this.#streamId = streamId;
      this.#isLast = (flags & FLAG.END_STREAM) !== 0;
      if ((flags & FLAG.PADDED) !== 0) to -= bytes[from++]!;
      if ((flags & FLAG.PRIORITY) !== 0) from += 5;
      if (from > to || length === 0) {
        if (length > 0 || flags & (FLAG.PADDED | FLAG.PRIORITY)) {
          return wrong('padding longer than its frame');
        }
      }
    } else if (streamId !== this.#streamId) return wrong('header frames out of order');
    const isWhole = (flags & FLAG.END_HEADERS) !== 0;
    if (isWhole && this.#parts.length === 0) return this.#read(bytes, from, to);
    return this.#add(bytes.subarray(from, to), isWhole);
  }

  #add(part: Buffer, isWhole: boolean): HeaderBlockFailure | undefined {
    this.#partBytes += part.length;
    if (this.#partBytes > HEADER_BLOCK_LIMIT_BYTES || this.#parts.length > CONTINUATION_LIMIT) {
      const reason = `a header block over ${HEADER_BLOCK_LIMIT_BYTES} bytes or ${CONTINUATION_LIMIT} frames`;
      return { reason, code: 'ENHANCE_YOUR_CALM' };
    }
    // The bytes are gone when the next frame comes.
    this.#parts.push(Buffer.from(part));
    if (!isWhole) return undefined;
    const block = Buffer.concat(this.#parts);
    this.#parts.length = 0;
    this.#partBytes = 0;
    return this.#read(block, 0, block.length);
  }

  #read(bytes: Buffer, from: number, to: number): HeaderBlockFailure | undefined {
    try {
      const fields = this.#decoder.decode(bytes, from, to);
      this.complete = { streamId: this.#streamId, fields, isLast: this.#isLast };
      return undefined;
    } catch (error) {
      if (!(error instanceof HeaderBlockRefused)) throw error;
      return { reason: error.message, code: 'COMPRESSION_ERROR' };
    }
  }
}

function wrong(reason: string): HeaderBlockFailure {
  return { reason, code: 'PROTOCOL_ERROR' };
}
