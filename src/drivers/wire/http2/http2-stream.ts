import type { HeaderField } from './hpack/static-table.ts';
import type { Http2ErrorName } from './frames.ts';

/** How a stream ended that its server did not end in order. */
export interface StreamFailure {
  /**
   * reset: the server ended this stream alone (RST_STREAM) · refused: the server went away without
   * having looked at it (GOAWAY) · lost: the connection ended · protocol: it spoke no HTTP/2.
   */
  readonly kind: 'reset' | 'refused' | 'lost' | 'protocol';
  /** Where the server named one. */
  readonly code?: Http2ErrorName;
  /** In words for people, of a small set. */
  readonly reason: string;
}

/** Who waits for the answer on a stream. Nothing is told after `isLast`, `failed` or a cancel. */
export interface Http2StreamUser {
  /** Its head, with what fits beside it, is handed to the socket now. */
  sent(stampNs: number): void;
  /** All that was given to send has been copied; more may be given. */
  drained?(): void;
  headers(fields: readonly HeaderField[], isLast: boolean, stampNs: number): void;
  /** A part of a DATA frame; the bytes are gone when this returns. */
  data(bytes: Buffer, from: number, to: number, stampNs: number): void;
  /** The server ended the stream with a DATA frame. */
  ended(stampNs: number): void;
  failed(failure: StreamFailure, stampNs: number): void;
}

/** What of a stream does not depend on who uses it. */
export class Http2Stream {
  readonly id: number;
  readonly user: Http2StreamUser;
  /** Frames of this stream, their heads included. */
  bytesSent = 0;
  bytesReceived = 0;
  /** What the server lets us send; below 0 after it made its windows smaller (section 6.9.2). */
  sendWindowBytes: number;
  /** Received and not yet credited. */
  uncreditedBytes = 0;
  /** Message bytes that wait, the first of them from `offset` on. */
  readonly waiting: Buffer[] = [];
  offset = 0;
  waitingBytes = 0;
  /** The last byte of the request has been given. */
  isComplete = false;
  /** END_STREAM has been written. */
  isSendClosed = false;
  /** It has ended, for whatever reason. */
  isGone = false;

  constructor(id: number, user: Http2StreamUser, sendWindowBytes: number) {
    this.id = id;
    this.user = user;
    this.sendWindowBytes = sendWindowBytes;
  }

  add(pieces: readonly Buffer[], isComplete: boolean): void {
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      this.waiting.push(piece);
      this.waitingBytes += piece.length;
    }
    this.isComplete = isComplete;
  }

  /** Whether a frame is to be written as soon as the windows allow. */
  get hasToSend(): boolean {
    return !this.isSendClosed && (this.waitingBytes > 0 || this.isComplete);
  }
}
