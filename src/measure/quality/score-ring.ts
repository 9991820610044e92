import type { ScoreInput, ScorePart, UnscoredReason } from './scorer.ts';
import { UNSCORED_REASONS } from './scorer.ts';

/** Room for about a thousand answers of 100 neighbours; the scorer empties it every 20 ms. */
const RING_BYTES = 4 * 2 ** 20;

/** Bytes that were written and taken since the start, which wrap at 2^32. */
const WORD = { written: 0, taken: 1, unscored: 2 };

/** Numbers in front of a record, in doubles. */
const HEAD = {
  bytes: 0,
  scorer: 1,
  phase: 2,
  iteration: 3,
  tolerance: 4,
  answer: 5,
  reference: 6,
  distances: 7,
  count: 8,
};
const HEAD_BYTES = HEAD.count * 8;
/** In place of the number of a scorer: the rest of the ring is left out. */
const SKIPPED = -1;

/** Memory between one traffic thread, which writes, and the scorer's thread, which takes. */
export interface ScoreMemory {
  /** WORD, then by phase, scorer and reason how many were not scored. */
  readonly words: SharedArrayBuffer;
  readonly bytes: SharedArrayBuffer;
}

export function allocateScores(scorers: number, bytes = RING_BYTES): ScoreMemory {
  const words = WORD.unscored + 2 * scorers * UNSCORED_REASONS.length;
  return {
    words: new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT),
    bytes: new SharedArrayBuffer(bytes),
  };
}

/** What was to be scored, and what it was of. */
export interface ScoreRecord {
  /** Index among all scorers of the trial. */
  readonly scorer: number;
  readonly phase: number;
  readonly iteration: number;
  readonly input: ScoreInput;
}

/** The traffic thread's side. */
export class ScoreWriter {
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #bytes: Buffer;
  readonly #scorers: number;

  constructor({ words, bytes }: ScoreMemory) {
    this.#words = new Int32Array(words);
    this.#numbers = new Float64Array(bytes);
    this.#bytes = Buffer.from(bytes);
    this.#scorers = (this.#words.length - WORD.unscored) / 2 / UNSCORED_REASONS.length;
  }

  /** What does not fit is counted and left out: a traffic thread never waits for the scorer. */
  write({ scorer, phase, iteration, input }: ScoreRecord): void {
    const { answer, reference, distances, tolerance = 0 } = input;
    const sizes = [sizeOf(answer), sizeOf(reference), distances?.length ?? 0] as const;
    const bytes = HEAD_BYTES + roomOf(answer) + roomOf(reference) + (distances?.length ?? 0) * 8;
    const start = this.#reserve(bytes);
    if (start === undefined) {
      this.unscored(scorer, phase, 'ring_full');
      return;
    }
    const head = [bytes, scorer, phase, iteration, tolerance, ...sizes];
    this.#numbers.set(head, start / 8);
    let at = start + HEAD_BYTES;
    for (const part of [answer, reference, distances ?? NOTHING]) {
      if (typeof part === 'string') this.#bytes.write(part, at, 'utf8');
      else this.#numbers.set(part, at / 8);
      at += roomOf(part);
    }
    const written = Atomics.load(this.#words, WORD.written);
    Atomics.store(this.#words, WORD.written, (written + bytes) | 0);
  }

  unscored(scorer: number, phase: number, reason: UnscoredReason): void {
    Atomics.add(this.#words, unscoredWord(this.#scorers, { scorer, phase, reason }), 1);
  }

  /** Where a record of so many bytes begins, in one piece; undefined where it does not fit. */
  #reserve(bytes: number): number | undefined {
    const capacity = this.#bytes.length;
    const written = Atomics.load(this.#words, WORD.written);
    const used = (written - Atomics.load(this.#words, WORD.taken)) >>> 0;
    const at = (written >>> 0) % capacity;
    const untilEnd = capacity - at;
    const skipped = bytes > untilEnd ? untilEnd : 0;
    if (used + skipped + bytes > capacity) return undefined;
    if (skipped === 0) return at;
    this.#numbers[at / 8] = skipped;
    // A remainder of 8 bytes has room for its length alone, which says as much.
    if (skipped > 8) this.#numbers[at / 8 + HEAD.scorer] = SKIPPED;
    Atomics.store(this.#words, WORD.written, (written + skipped) | 0);
    return 0;
  }
}

/** The scorer's side, and the runner's for what was not scored. */
export class ScoreReader {
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #bytes: Buffer;
  readonly #scorers: number;

  constructor({ words, bytes }: ScoreMemory) {
    this.#words = new Int32Array(words);
    this.#numbers = new Float64Array(bytes);
    this.#bytes = Buffer.from(bytes);
    this.#scorers = (this.#words.length - WORD.unscored) / 2 / UNSCORED_REASONS.length;
  }

  /** Since the start. */
  unscored(scorer: number, phase: number, reason: UnscoredReason): number {
    return Atomics.load(this.#words, unscoredWord(this.#scorers, { scorer, phase, reason }));
  }

  /** Hands out the records that are there, in order; each is gone when `visit` has returned. */
  take(isText: (scorer: number) => boolean, visit: (record: ScoreRecord) => void): number {
    const written = Atomics.load(this.#words, WORD.written);
    let taken = Atomics.load(this.#words, WORD.taken);
    let count = 0;
    while (taken !== written) {
      const at = (taken >>> 0) % this.#bytes.length;
      const bytes = this.#numbers[at / 8]!;
      if (bytes > 8 && this.#numbers[at / 8 + HEAD.scorer] !== SKIPPED) {
        visit(this.#recordAt(at, isText));
        count++;
      }
      taken = (taken + bytes) | 0;
      Atomics.store(this.#words, WORD.taken, taken);
    }
    return count;
  }

  #recordAt(start: number, isText: (scorer: number) => boolean): ScoreRecord {
    const head = this.#numbers.subarray(start / 8, start / 8 + HEAD.count);
    const scorer = head[HEAD.scorer]!;
    let at = start + HEAD_BYTES;
    const part = (size: number): ScorePart => {
      const from = at;
      if (isText(scorer)) {
        at += roundedUp(size);
        return this.#bytes.toString('utf8', from, from + size);
      }
      at += size * 8;
      return this.#numbers.slice(from / 8, at / 8);
    };
    const input = { answer: part(head[HEAD.answer]!), reference: part(head[HEAD.reference]!) };
    const count = head[HEAD.distances]!;
    const distances = count === 0 ? undefined : this.#numbers.slice(at / 8, at / 8 + count);
    return {
      scorer,
      phase: head[HEAD.phase]!,
      iteration: head[HEAD.iteration]!,
      input: { ...input, distances, tolerance: head[HEAD.tolerance]! },
    };
  }
}

const NOTHING: readonly number[] = [];

function unscoredWord(
  scorers: number,
  of: { readonly scorer: number; readonly phase: number; readonly reason: UnscoredReason },
): number {
  const place = of.phase * scorers + of.scorer;
  return WORD.unscored + place * UNSCORED_REASONS.length + UNSCORED_REASONS.indexOf(of.reason);
}

/** Numbers of a list, bytes of a text. */
function sizeOf(part: ScorePart): number {
  return typeof part === 'string' ? Buffer.byteLength(part) : part.length;
}

/** Bytes in the ring, whole doubles. */
function roomOf(part: ScorePart): number {
  return typeof part === 'string' ? roundedUp(sizeOf(part)) : part.length * 8;
}

function roundedUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
