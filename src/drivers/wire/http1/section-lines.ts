import { LF } from './field-line.ts';
import { KeptBytes } from './kept-bytes.ts';
import { HTTP1_HEAD_LIMIT_BYTES, HTTP1_LINE_LIMIT_BYTES } from './limits.ts';

const NOTHING = Buffer.alloc(0);

/** Puts together the lines of a head or trailer section from pieces that are cut anywhere. */
export class SectionLines {
  /** Why the section is refused; empty while it is not. */
  reason = '';
  /** Bytes of the complete lines of this section. */
  length = 0;
  /** The line found last is `bytes[from … to)`, with its LF; valid until the next `take`. */
  bytes: Buffer = NOTHING;
  from = 0;
  to = 0;

  /** The beginning of a line whose end has not arrived. */
  readonly partial: KeptBytes = new KeptBytes();
  #isPartialLineRead = false;

  begin(): void {
    this.reason = '';
    this.length = 0;
    if (this.partial.length !== 0) this.partial.clear();
    this.#isPartialLineRead = false;
  }

  /**
   * Looks for the end of a line in `bytes[from … to)`. Returns where the line ends, or -1 when
   * there is none: the bytes are kept then, and the rest of the line is to follow.
   */
  take(bytes: Buffer, from: number, to: number): number {
    if (this.#isPartialLineRead) {
      this.partial.clear();
      this.#isPartialLineRead = false;
    }
    let end = from;
    while (end < to && bytes[end] !== LF) end++;
    if (end === to) {
      this.partial.append(bytes, from, to);
      this.#checkLimits(this.partial.length);
      return -1;
    }
    end++;
    if (this.partial.length === 0) this.#foundLine(bytes, from, end);
    else {
      this.partial.append(bytes, from, end);
      this.#isPartialLineRead = true;
      this.#foundLine(this.partial.bytes, 0, this.partial.length);
    }
    return end;
  }

  #foundLine(bytes: Buffer, from: number, to: number): void {
    this.#checkLimits(to - from);
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.length += to - from;
  }

  #checkLimits(lineBytes: number): void {
    if (lineBytes > HTTP1_LINE_LIMIT_BYTES) {
      this.reason = `line over ${HTTP1_LINE_LIMIT_BYTES} bytes`;
    } else if (this.length + lineBytes > HTTP1_HEAD_LIMIT_BYTES) {
      this.reason = `head over ${HTTP1_HEAD_LIMIT_BYTES} bytes`;
    }
  }
}
