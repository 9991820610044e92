import { floatText } from './vector-values.ts';

/** Characters of texts that are kept, per driver and worker. */
export const KEPT_TEXTS_LIMIT: number = 64 * 1024 * 1024;

interface KeptText {
  readonly floats: Float32Array;
  readonly text: string;
}

/**
 * Vectors as lists of decimal numbers. A query set is sent over and over: each of its vectors is
 * written once and kept, found again by content, so that it does not matter whether rows are made
 * anew; where they are not, their hash need not be. Beyond the limit the oldest goes.
 */
export class VectorTexts {
  readonly #limit: number;
  readonly #kept = new Map<number, KeptText>();
  /** Hashes of vectors that come again as the same object. */
  readonly #hashes = new WeakMap<Float32Array, number>();
  #characters = 0;

  constructor(limit: number = KEPT_TEXTS_LIMIT) {
    this.#limit = limit;
  }

  /** Characters of the texts that are kept now. */
  get characters(): number {
    return this.#characters;
  }

  /** `[0.5,-1,...]` */
  textOf(floats: Float32Array): string {
    const known = this.#known(this.#hashes.get(floats), floats);
    if (known !== undefined) return known;
    const hash = hashOf(floats);
    this.#hashes.set(floats, hash);
    const met = this.#known(hash, floats);
    if (met !== undefined) return met;
    const text = vectorText(floats);
    this.#keep(hash, { floats: floats.slice(), text });
    return text;
  }

  #known(hash: number | undefined, floats: Float32Array): string | undefined {
    const kept = hash === undefined ? undefined : this.#kept.get(hash);
    return kept !== undefined && areEqual(kept.floats, floats) ? kept.text : undefined;
  }

  #keep(hash: number, entry: KeptText): void {
    this.#forget(hash);
    this.#kept.set(hash, entry);
    this.#characters += entry.text.length;
    while (this.#characters > this.#limit) this.#forget(this.#kept.keys().next().value!);
  }

  #forget(hash: number): void {
    const entry = this.#kept.get(hash);
    if (entry === undefined) return;
    this.#kept.delete(hash);
    this.#characters -= entry.text.length;
  }
}

/** FNV-1a over words instead of bytes, folded so that the high bits of a float reach the low ones. */
function hashOf(floats: Float32Array): number {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) {
    hash = Math.imul(hash ^ words[i]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}

function areEqual(first: Float32Array, second: Float32Array): boolean {
  if (first.length !== second.length) return false;
  for (let i = 0; i < first.length; i++) {
    if (first[i] !== second[i]) return false;
  }
  return true;
}

/** `[0.5,-1,...]`, written and not kept; one piece, so that whoever sends it need not gather it. */
export function vectorText(floats: Float32Array): string {
  return `[${Array.from(floats, floatText).join(',')}]`;
}
