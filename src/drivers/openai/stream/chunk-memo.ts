const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** A stream whose chunks differ in more than their text is parsed chunk by chunk. */
const MISSES_LIMIT = 8;
const NOTHING = Buffer.alloc(0);

/**
 * The chunks of one stream mostly differ in their text alone. This remembers what stood around the
 * text of one that was parsed: another with the same bytes around a text of its own says the same,
 * and need not be parsed. A text with an escape or a quote in it is left to the parser.
 */
export class ChunkMemo {
  /** Where the text of the chunk that matched stands. */
  textFrom = 0;
  textTo = 0;
  #before = NOTHING;
  #after = NOTHING;
  #misses = 0;

  begin(): void {
    this.#before = NOTHING;
    this.#misses = 0;
  }

  /** Whether `bytes[from … to)` says what the remembered chunk said, with a text that is not empty. */
  matches(bytes: Buffer, from: number, to: number): boolean {
    const before = this.#before;
    const after = this.#after;
    if (before.length === 0) return false;
    const textFrom = from + before.length;
    const textTo = to - after.length;
    if (textFrom >= textTo || !this.#isAround(bytes, textFrom, textTo, from, to)) {
      this.#miss();
      return false;
    }
    for (let i = textFrom; i < textTo; i++) {
      const byte = bytes[i]!;
      if (byte === QUOTE || byte === BACKSLASH) return false;
    }
    this.textFrom = textFrom;
    this.textTo = textTo;
    return true;
  }

  /** A chunk that was parsed, brought this text and nothing else. */
  remember(bytes: Buffer, from: number, to: number, text: string): void {
    if (this.#misses >= MISSES_LIMIT) return;
    const written = Buffer.from(`"${text}"`);
    const chunk = bytes.subarray(from, to);
    const at = chunk.indexOf(written);
    // It has to be the one value that this text can be: after a colon, and found nowhere else.
    const isValue = at > 0 && (chunk[at - 1] === COLON || chunk[at - 2] === COLON);
    if (!isValue || chunk.indexOf(written, at + 1) !== -1) return;
    this.#before = Buffer.from(chunk.subarray(0, at + 1));
    this.#after = Buffer.from(chunk.subarray(at + written.length - 1));
  }

  #isAround(bytes: Buffer, textFrom: number, textTo: number, from: number, to: number): boolean {
    return (
      this.#before.compare(bytes, from, textFrom) === 0 &&
      this.#after.compare(bytes, textTo, to) === 0
    );
  }

  #miss(): void {
    this.#misses++;
    if (this.#misses >= MISSES_LIMIT) this.#before = NOTHING;
  }
}
