import type { Connection } from '../connection.ts';
import { FLAG, FRAME, FRAME_HEAD_BYTES } from './frames.ts';

export const PAGE_BYTES: number = 64 * 1024;
/** Pages that are kept for the next write. */
const SPARE_PAGES_LIMIT = 64;

/** Memory that connections write frames into; one that has nothing to send holds none. */
export class SendPages {
  readonly #spare: Buffer[] = [];

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(PAGE_BYTES);
  }

  give(page: Buffer): void {
    if (this.#spare.length < SPARE_PAGES_LIMIT) this.#spare.push(page);
  }
}

/** Collects the frames that one write hands to the socket. */
export class FrameWriter {
  readonly #pages: SendPages;
  readonly #full: { readonly page: Buffer; readonly used: number }[] = [];
  #page: Buffer | undefined;
  #used = 0;
  /** Handed to the socket, which has not taken it yet. */
  #unwrittenBytes = 0;

  constructor(pages: SendPages) {
    this.#pages = pages;
  }

  get isEmpty(): boolean {
    return this.#page === undefined;
  }

  /** Bytes that wait for the socket, and those that have not been handed to it. */
  get waitingBytes(): number {
    return this.#unwrittenBytes + this.#used + this.#full.length * PAGE_BYTES;
  }

  /** Writes the head of a frame; its payload is to be written next. A frame stands in one page. */
  head(frame: {
    readonly type: number;
    readonly flags: number;
    readonly streamId: number;
    readonly length: number;
  }): void {
    const { length } = frame;
    const page = this.#roomFor(FRAME_HEAD_BYTES + length);
    const at = this.#used;
    page[at] = length >> 16;
    page[at + 1] = length >> 8;
    page[at + 2] = length;
    page[at + 3] = frame.type;
    page[at + 4] = frame.flags;
    page.writeUInt32BE(frame.streamId, at + 5);
    this.#used = at + FRAME_HEAD_BYTES;
  }

  bytes(bytes: Uint8Array): void {
    this.#page!.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  text(text: string): void {
    this.#used += this.#page!.write(text, this.#used, 'latin1');
  }

  number(value: number): void {
    this.#used = this.#page!.writeUInt32BE(value, this.#used);
  }

  shortNumber(value: number): void {
    this.#used = this.#page!.writeUInt16BE(value, this.#used);
  }

  /** What is no frame: the preface. */
  plain(text: string): void {
    this.#roomFor(text.length);
    this.text(text);
  }

  /** Frames of one number: RST_STREAM and WINDOW_UPDATE. */
  numberFrame(type: number, streamId: number, value: number): void {
    this.head({ type, flags: 0, streamId, length: 4 });
    this.number(value);
  }

  settings(settings: readonly (readonly [id: number, value: number])[]): void {
    this.head({ type: FRAME.SETTINGS, flags: 0, streamId: 0, length: settings.length * 6 });
    for (const [id, value] of settings) {
      this.shortNumber(id);
      this.number(value);
    }
  }

  /** Says that SETTINGS or a PING have come; a PING's own bytes go back with it. */
  acknowledge(type: number, payload: Uint8Array): void {
    this.head({ type, flags: FLAG.ACK, streamId: 0, length: payload.length });
    this.bytes(payload);
  }

  /** `whenWritten` is told after each page that had to wait. */
  flush(connection: Connection, whenWritten: () => void): void {
    for (const { page, used } of this.#full.splice(0)) {
      this.#write(connection, { page, used }, whenWritten);
    }
    if (this.#page === undefined) return;
    const last = { page: this.#page, used: this.#used };
    this.#page = undefined;
    this.#used = 0;
    this.#write(connection, last, whenWritten);
  }

  #write(
    connection: Connection,
    { page, used }: { readonly page: Buffer; readonly used: number },
    whenWritten: () => void,
  ): void {
    let returned = false;
    this.#unwrittenBytes += used;
    connection.write(page.subarray(0, used), () => {
      this.#unwrittenBytes -= used;
      this.#pages.give(page);
      // Most writes are taken at once, and nobody waits for those.
      if (returned) whenWritten();
    });
    returned = true;
  }

  #roomFor(bytes: number): Buffer {
    if (this.#page !== undefined && this.#used + bytes <= PAGE_BYTES) return this.#page;
    if (this.#page !== undefined) this.#full.push({ page: this.#page, used: this.#used });
    this.#page = this.#pages.take();
    this.#used = 0;
    return this.#page;
  }
}
