import { FLAG, FRAME, FRAME_HEAD_BYTES } from './frames.ts';
import { FRAME_LIMIT_BYTES } from './limits.ts';

/** A frame without its payload. */
export interface FrameHead {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  /** Of the payload. */
  readonly length: number;
}

export interface FrameHandler {
  /** A whole frame; its payload stands in `bytes` until this returns. */
  frame(head: FrameHead, bytes: Buffer, from: number): void;
  /** A DATA frame without padding begins; its payload follows, in as many parts as it came in. */
  dataBegins(head: FrameHead): void;
  data(bytes: Buffer, from: number, to: number): void;
  dataEnds(): void;
  /** No frame that we take. */
  refused(reason: string): void;
}

/**
 * Parts the bytes of a connection into frames, however they were cut on their way. The payloads of
 * messages are handed on as they come; other frames are short and are put together first.
 */
export class FrameReader {
  readonly #handler: FrameHandler;
  /** Of a frame that is not whole yet; made when one is needed. */
  #kept: Buffer | undefined;
  #keptBytes = 0;
  /** Of the DATA frame that is being read. */
  #dataLeft = 0;
  #isStopped = false;
  readonly #head = { type: 0, flags: 0, streamId: 0, length: 0 };

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Bytes of a frame that is not whole and never will be. */
  takeWaiting(): number {
    const bytes = this.#keptBytes;
    this.#keptBytes = 0;
    return bytes;
  }

  /** Nothing more is read. */
  stop(): void {
    this.#isStopped = true;
  }

  take(bytes: Buffer, from: number, to: number): void {
    let at = from;
    while (at < to && !this.#isStopped) {
      if (this.#dataLeft > 0) at = this.#takeData(bytes, at, to);
      else if (this.#keptBytes > 0 || to - at < FRAME_HEAD_BYTES) at = this.#keep(bytes, at, to);
      else at = this.#takeFrame(bytes, at, to);
    }
  }

  #takeFrame(bytes: Buffer, at: number, to: number): number {
    if (!this.#readHead(bytes, at)) return to;
    const payload = at + FRAME_HEAD_BYTES;
    if (this.#isPlainData()) {
      this.#beginData();
      return payload;
    }
    const end = payload + this.#head.length;
    if (end > to) return this.#keep(bytes, at, to);
    this.#handler.frame(this.#head, bytes, payload);
    return end;
  }

  #takeData(bytes: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + this.#dataLeft);
    this.#dataLeft -= end - at;
    this.#handler.data(bytes, at, end);
    if (this.#dataLeft === 0) this.#handler.dataEnds();
    return end;
  }

  /** Puts a frame together that was cut; returns up to where it took bytes. */
  #keep(bytes: Buffer, at: number, to: number): number {
    this.#kept ??= Buffer.allocUnsafe(FRAME_HEAD_BYTES + FRAME_LIMIT_BYTES);
    let taken = this.#keepUpTo(FRAME_HEAD_BYTES, bytes, at, to);
    if (this.#keptBytes < FRAME_HEAD_BYTES) return taken;
    if (!this.#readHead(this.#kept, 0)) return to;
    if (this.#isPlainData()) {
      this.#keptBytes = 0;
      this.#beginData();
      return taken;
    }
    const wholeBytes = FRAME_HEAD_BYTES + this.#head.length;
    taken = this.#keepUpTo(wholeBytes, bytes, taken, to);
    if (this.#keptBytes === wholeBytes) {
      this.#keptBytes = 0;
      this.#handler.frame(this.#head, this.#kept, FRAME_HEAD_BYTES);
    }
    return taken;
  }

  #keepUpTo(wanted: number, bytes: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + Math.max(wanted - this.#keptBytes, 0));
    bytes.copy(this.#kept!, this.#keptBytes, at, end);
    this.#keptBytes += end - at;
    return end;
  }

  #readHead(bytes: Buffer, at: number): boolean {
    const head = this.#head;
    head.length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    head.type = bytes[at + 3]!;
    head.flags = bytes[at + 4]!;
    head.streamId = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
    if (head.length <= FRAME_LIMIT_BYTES) return true;
    this.#handler.refused(`a frame over ${FRAME_LIMIT_BYTES} bytes`);
    return false;
  }

  #isPlainData(): boolean {
    return this.#head.type === FRAME.DATA && (this.#head.flags & FLAG.PADDED) === 0;
  }

  #beginData(): void {
    this.#dataLeft = this.#head.length;
    this.#handler.dataBegins(this.#head);
    if (this.#dataLeft === 0) this.#handler.dataEnds();
  }
}
