const FIRST_CAPACITY = 512;
/** A larger store is given back when it is emptied, so that one large answer does not stay. */
const RETAINED_BYTES = 16 * 1024;
const NOTHING = Buffer.alloc(0);

/** Bytes put together from the pieces in which they arrived. */
export class KeptBytes {
  length = 0;
  #bytes: Buffer = NOTHING;

  /** Its content is `bytes[0 … length)`; valid until the next `append` or `clear`. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  append(source: Buffer, from: number, to: number): void {
    const needed = this.length + to - from;
    if (needed > this.#bytes.length) this.#grow(needed);
    source.copy(this.#bytes, this.length, from, to);
    this.length = needed;
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > RETAINED_BYTES) this.#bytes = NOTHING;
  }

  utf8(): string {
    return this.#bytes.toString('utf8', 0, this.length);
  }

  #grow(needed: number): void {
    const capacity = Math.max(needed, this.#bytes.length * 2, FIRST_CAPACITY);
    const larger = Buffer.allocUnsafeSlow(capacity);
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
