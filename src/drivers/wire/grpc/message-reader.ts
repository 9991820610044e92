import { MESSAGE_HEAD_BYTES } from './message-frame.ts';

export interface MessageUser {
  /** A whole message, still compressed where it says so; the bytes are gone when this returns. */
  message(bytes: Buffer, from: number, to: number, isCompressed: boolean, stampNs: number): void;
}

/** Parts the DATA of a stream into messages, however they were cut on their way. */
export class MessageReader {
  readonly #user: MessageUser;
  readonly #limitBytes: number;
  readonly #head = Buffer.alloc(MESSAGE_HEAD_BYTES);
  #headBytes = 0;
  #isCompressed = false;
  /** Of a message that is not whole yet; made when one is needed. */
  #kept: Buffer = NOTHING;
  #keptBytes = 0;
  #length = 0;

  constructor(user: MessageUser, limitBytes: number) {
    this.#user = user;
    this.#limitBytes = limitBytes;
  }

  /** Part of a message has come and the rest has not. */
  get isWithinMessage(): boolean {
    return this.#headBytes > 0;
  }

  /** For the next stream. */
  begin(): void {
    this.#headBytes = 0;
    this.#keptBytes = 0;
    this.#kept = NOTHING;
  }

  /** Returns why the bytes are no messages, or none that we take; undefined while all is well. */
  take(bytes: Buffer, from: number, to: number, stampNs: number): string | undefined {
    let at = from;
    // A message without bytes is whole when its head is.
    while (at < to || (this.#headBytes === MESSAGE_HEAD_BYTES && this.#length === 0)) {
      if (this.#headBytes < MESSAGE_HEAD_BYTES) {
        at = this.#takeHead(bytes, at, to);
        if (this.#headBytes < MESSAGE_HEAD_BYTES) return undefined;
        const refused = this.#readHead();
        if (refused !== undefined) return refused;
      }
      at = this.#takeMessage(bytes, at, to, stampNs);
    }
    return undefined;
  }

  #takeHead(bytes: Buffer, at: number, to: number): number {
    let next = at;
    while (next < to && this.#headBytes < MESSAGE_HEAD_BYTES) {
      this.#head[this.#headBytes++] = bytes[next++]!;
    }
    return next;
  }

  #readHead(): string | undefined {
    const flag = this.#head[0]!;
    if (flag > 1) return 'a message that begins with an unknown flag';
    this.#isCompressed = flag === 1;
    this.#length = this.#head.readUInt32BE(1);
    if (this.#length > this.#limitBytes) return `a message over ${this.#limitBytes} bytes`;
    return undefined;
  }

  #takeMessage(bytes: Buffer, at: number, to: number, stampNs: number): number {
    const length = this.#length;
    if (this.#keptBytes === 0 && to - at >= length) {
      this.#headBytes = 0;
      this.#user.message(bytes, at, at + length, this.#isCompressed, stampNs);
      return at + length;
    }
    if (this.#keptBytes === 0) this.#kept = Buffer.allocUnsafe(length);
    const end = Math.min(to, at + length - this.#keptBytes);
    bytes.copy(this.#kept, this.#keptBytes, at, end);
    this.#keptBytes += end - at;
    if (this.#keptBytes === length) {
      const message = this.#kept;
      this.begin();
      this.#user.message(message, 0, length, this.#isCompressed, stampNs);
    }
    return end;
  }
}

const NOTHING = Buffer.alloc(0);
