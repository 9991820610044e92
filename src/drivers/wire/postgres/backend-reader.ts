import { MESSAGE_LIMIT_BYTES } from './limits.ts';
import { KeptBytes } from '../http1/kept-bytes.ts';

/** Type bytes of what a server says (PostgreSQL documentation, "Message Formats"). */
export const BACKEND = {
  authentication: 0x52, // R
  backendKeyData: 0x4b, // K
  bindComplete: 0x32, // 2
  closeComplete: 0x33, // 3
  commandComplete: 0x43, // C
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyInResponse: 0x47, // G
  copyOutResponse: 0x48, // H
  dataRow: 0x44, // D
  emptyQueryResponse: 0x49, // I
  errorResponse: 0x45, // E
  negotiateProtocolVersion: 0x76, // v
  noData: 0x6e, // n
  noticeResponse: 0x4e, // N
  notificationResponse: 0x41, // A
  parameterDescription: 0x74, // t
  parameterStatus: 0x53, // S
  parseComplete: 0x31, // 1
  portalSuspended: 0x73, // s
  readyForQuery: 0x5a, // Z
  rowDescription: 0x54, // T
} as const;

const KNOWN_TYPES = new Uint8Array(256);
for (const type of Object.values(BACKEND)) KNOWN_TYPES[type] = 1;

const HEAD_BYTES = 5;

export interface BackendListener {
  /**
   * One message: its body is `bytes[from … to)`, gone when this returns. False ends the reading of
   * what was handed in, as after the connection was given up.
   */
  message(type: number, bytes: Buffer, from: number, to: number): boolean;
  /** Whether the body of such a message is read: else one in pieces is not put together. */
  isRead(type: number): boolean;
}

/** Cuts what a server says into messages, whatever the pieces in which it arrives. */
export class BackendReader {
  /** Why what came is no PostgreSQL; nothing is read any more after it. */
  failure: string | undefined;

  readonly #listener: BackendListener;
  /** The beginning of a message whose end is still to come. */
  readonly #held = new KeptBytes();
  /** Bytes to come of a message that nobody reads. */
  #toSkip = 0;
  #skippedType = 0;

  constructor(listener: BackendListener) {
    this.#listener = listener;
  }

  /** A new connection begins. */
  begin(): void {
    this.failure = undefined;
    this.#held.clear();
    this.#toSkip = 0;
  }

  take(bytes: Buffer, from: number, to: number): void {
    let at = from;
    while (at < to && this.failure === undefined) {
      if (this.#toSkip > 0) {
        at = this.#skip(bytes, at, to);
        continue;
      }
      if (this.#held.length > 0) {
        at = this.#complete(bytes, at, to);
        if (at < 0) return;
        continue;
      }
      const end = to - at < HEAD_BYTES ? to + 1 : at + 1 + bytes.readInt32BE(at + 1);
      if (end > to || end < at + HEAD_BYTES) {
        this.#hold(bytes, at, to);
        return;
      }
      const start = at;
      at = end;
      if (!this.#tell(bytes, start, end)) return;
    }
  }

  #tell(bytes: Buffer, start: number, end: number): boolean {
    const type = bytes[start]!;
    if (KNOWN_TYPES[type] === 0) {
      this.failure = `no message of PostgreSQL begins with ${shownByte(type)}`;
      return false;
    }
    return this.#listener.message(type, bytes, start + HEAD_BYTES, end);
  }

  /** Begins a message that is not whole; its head may not be either. */
  #hold(bytes: Buffer, at: number, to: number): void {
    this.#held.append(bytes, at, to);
    this.#lookAtHead();
  }

  /** Adds to the message that is held; returns where the next one begins, or -1 to stop. */
  #complete(bytes: Buffer, at: number, to: number): number {
    const held = this.#held;
    const headTo = Math.min(to, at + Math.max(HEAD_BYTES - held.length, 0));
    held.append(bytes, at, headTo);
    if (headTo > at) {
      this.#lookAtHead();
      if (held.length < HEAD_BYTES || this.failure !== undefined) return headTo;
      if (held.length === 0) return headTo;
    }
    const missing = 1 + held.bytes.readInt32BE(1) - held.length;
    const end = Math.min(to, headTo + missing);
    held.append(bytes, headTo, end);
    if (end - headTo < missing) return end;
    const { length } = held;
    held.length = 0;
    const goesOn = this.#tell(held.bytes, 0, length);
    held.clear();
    return goesOn ? end : -1;
  }

  #lookAtHead(): void {
    const held = this.#held;
    if (held.length < HEAD_BYTES) return;
    const type = held.bytes[0]!;
    const length = held.bytes.readInt32BE(1);
    if (KNOWN_TYPES[type] === 0) {
      this.failure = `no message of PostgreSQL begins with ${shownByte(type)}`;
    } else if (length < 4) {
      this.failure = 'a message shorter than its own length';
    } else if (length > MESSAGE_LIMIT_BYTES) {
      this.failure = `a message over ${MESSAGE_LIMIT_BYTES / 2 ** 20} MiB`;
    } else if (!this.#listener.isRead(type) && 1 + length > held.length) {
      this.#toSkip = 1 + length - held.length;
      this.#skippedType = type;
      held.clear();
    }
  }

  #skip(bytes: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + this.#toSkip);
    this.#toSkip -= end - at;
    if (this.#toSkip > 0) return end;
    return this.#listener.message(this.#skippedType, bytes, end, end) ? end : to;
  }
}

function shownByte(byte: number): string {
  return `byte 0x${byte.toString(16).padStart(2, '0')}`;
}
