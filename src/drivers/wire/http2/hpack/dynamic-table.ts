import type { HeaderField } from './static-table.ts';

/** What both sides begin with (RFC 9113 section 6.5.2), and the most that we use. */
export const HEADER_TABLE_BYTES = 4096;
/** RFC 7541 section 4.1: what a field takes beside its characters. */
const FIELD_OVERHEAD_BYTES = 32;

/** Forgotten fields that stand before the others until they are moved. */
const FORGOTTEN_LIMIT = 1024;

/** The fields that both sides remember, the newest first; the oldest leave when room is needed. */
export class DynamicTable {
  /** The oldest first, behind those that are forgotten. */
  #fields: HeaderField[] = [];
  #forgotten = 0;
  #usedBytes = 0;
  #limitBytes: number;

  constructor(limitBytes: number = HEADER_TABLE_BYTES) {
    this.#limitBytes = limitBytes;
  }

  get count(): number {
    return this.#fields.length - this.#forgotten;
  }

  /** Counted from 0, the newest first. */
  at(place: number): HeaderField | undefined {
    return place < this.count ? this.#fields[this.#fields.length - 1 - place] : undefined;
  }

  /** Whether it would be remembered without another one being forgotten. */
  hasRoomFor(field: HeaderField): boolean {
    return this.#usedBytes + bytesOf(field) <= this.#limitBytes;
  }

  add(field: HeaderField): void {
    const bytes = bytesOf(field);
    this.#shrinkTo(this.#limitBytes - bytes);
    if (bytes > this.#limitBytes) return;
    this.#fields.push(field);
    this.#usedBytes += bytes;
  }

  resize(limitBytes: number): void {
    this.#limitBytes = limitBytes;
    this.#shrinkTo(limitBytes);
  }

  #shrinkTo(bytes: number): void {
    while (this.#forgotten < this.#fields.length && this.#usedBytes > bytes) {
      this.#usedBytes -= bytesOf(this.#fields[this.#forgotten++]!);
    }
    // Some servers add every field of every answer: moving the rest each time would be most of it.
    if (this.#forgotten < FORGOTTEN_LIMIT) return;
    this.#fields = this.#fields.slice(this.#forgotten);
    this.#forgotten = 0;
  }
}

function bytesOf({ name, value }: HeaderField): number {
  return name.length + value.length + FIELD_OVERHEAD_BYTES;
}
