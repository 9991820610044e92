import type { ScoreInput, ScorePart } from './scorer.ts';

/** Queries of a scorer whose answers are kept: those with the lowest keys, whoever asks. */
const QUERIES_KEPT = 512;
/** In place of the digest of an answer: the same query was answered in two ways. */
const VARIES = 0;

/** What a scorer's queries were answered, as digests: two trials can be held against each other. */
export class AnswerDigests {
  readonly #answers = new Map<number, number>();
  #highestKey = 0;

  /** The key of a query is what is right for it: the same in every trial with the same data. */
  add({ answer, reference, distances }: ScoreInput): void {
    const key = digestOf([reference, distances ?? []]);
    const known = this.#answers.get(key);
    if (known === undefined && this.#isFull && key > this.#highestKey) return;
    const digest = digestOf([answer]) || 1;
    this.#answers.set(key, known === undefined || known === digest ? digest : VARIES);
    if (known !== undefined) return;
    if (this.#answers.size > QUERIES_KEPT) this.#answers.delete(this.#highestKey);
    this.#highestKey = Math.max(...this.#answers.keys());
  }

  /** Key and digest of one query after the other, 32 bits each, as base64. */
  get text(): string {
    const sorted = [...this.#answers].toSorted(([one], [other]) => one - other);
    const bytes = Buffer.alloc(8 * sorted.length);
    for (const [at, [key, digest]] of sorted.entries()) {
      bytes.writeUInt32LE(key, 8 * at);
      bytes.writeUInt32LE(digest, 8 * at + 4);
    }
    return bytes.toString('base64');
  }

  get #isFull(): boolean {
    return this.#answers.size >= QUERIES_KEPT;
  }
}

/** How many queries both have, and how many of them were answered the same, in the same order. */
export function commonAnswers(one: string, other: string): { common: number; same: number } {
  const first = readDigests(one);
  let common = 0;
  let same = 0;
  for (const [key, digest] of readDigests(other)) {
    const known = first.get(key);
    if (known === undefined) continue;
    common++;
    if (known === digest && digest !== VARIES) same++;
  }
  return { common, same };
}

function readDigests(text: string): Map<number, number> {
  const bytes = Buffer.from(text, 'base64');
  const digests = new Map<number, number>();
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    digests.set(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4));
  }
  return digests;
}

/** FNV-1a over 32-bit words (Fowler, Noll, Vo), with the finish of MurmurHash3. */
function digestOf(parts: readonly ScorePart[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    for (const word of wordsOf(part)) hash = Math.imul(hash ^ word, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function wordsOf(part: ScorePart): Uint32Array | Buffer {
  if (typeof part === 'string') return Buffer.from(part);
  return new Uint32Array(Float64Array.from(part).buffer);
}
