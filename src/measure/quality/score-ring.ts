import { WRITE_KINDS, type BegunWrite, type SearchWindow } from './row-ledger.ts';
import type { ScoreInput, ScorePart, UnscoredReason } from './scorer.ts';
import { UNSCORED_REASONS } from './scorer.ts';

/** Room for about a thousand answers of 100 neighbours; the scorer empties it every 20 ms. */
const RING_BYTES = 4 * 2 ** 20;

/** Bytes that were written and taken since the start, which wrap at 2^32. */
const WORD = { written: 0, taken: 1, rowsLost: 2, unscored: 3 };

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
  sources: 8,
  sent: 9,
  done: 10,
  count: 11,
};
const HEAD_BYTES = HEAD.count * 8;
/** In place of the number of a scorer: the rest of the ring is left out. */
const SKIPPED = -1;
/** Likewise: the record is of a write of rows, or of the end of one. */
const WRITE = -2;
/** In place of the kind of a write: it ended. */
const WRITE_ENDED = -1;

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
  /** When the operation was sent and when its answer was there. */
  readonly window: SearchWindow;
}

/** What a traffic thread tells of a write: before it is sent, and when it has ended. */
export interface WriteRecord {
  /** Which collection, among those that are watched. */
  readonly subject: number;
  /** One write of this thread at a time has it. */
  readonly ticket: number;
  /** Undefined at its end; without a list of ids nobody knows what it touches. */
  readonly began?: BegunWrite;
  /** At its end, as `RowLedger.ended` takes it. */
  readonly ackedNs?: number;
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
  write({ scorer, phase, iteration, input, window }: ScoreRecord): void {
    const { answer, reference, distances = NOTHING, tolerance = 0, sources = NOTHING } = input;
    const head = [scorer, phase, iteration, tolerance];
    const isIn = this.#put(head, [answer, reference, distances, sources], window);
    if (!isIn) this.unscored(scorer, phase, 'ring_full');
  }

  /** One that does not fit makes all that follows unknown. */
  writeRows({ subject, ticket, began, ackedNs = Number.NaN }: WriteRecord): void {
    const kind = began === undefined ? WRITE_ENDED : WRITE_KINDS.indexOf(began.kind);
    const head = [WRITE, kind, ticket, began?.source ?? 0];
    const ids = Array.from(began?.ids ?? NOTHING);
    const window = { sentNs: began?.beganNs ?? ackedNs, doneNs: subject };
    const isIn = this.#put(head, [ids, NOTHING, NOTHING, NOTHING], window);
    if (!isIn) this.loseRows();
  }

  /** Rows were written of which nobody knows which. */
  loseRows(): void {
    Atomics.store(this.#words, WORD.rowsLost, 1);
  }

  #put(
    head: readonly number[],
    parts: readonly [ScorePart, ScorePart, ScorePart, ScorePart],
    { sentNs, doneNs }: SearchWindow,
  ): boolean {
    const bytes = parts.reduce((sum, part) => sum + roomOf(part), HEAD_BYTES);
    const start = this.#reserve(bytes);
    if (start === undefined) return false;
    this.#numbers.set([bytes, ...head, ...parts.map(sizeOf), sentNs, doneNs], start / 8);
    let at = start + HEAD_BYTES;
    for (const part of parts) {
      if (typeof part === 'string') this.#bytes.write(part, at, 'utf8');
      else this.#numbers.set(part, at / 8);
      at += roomOf(part);
    }
    const written = Atomics.load(this.#words, WORD.written);
    Atomics.store(this.#words, WORD.written, (written + bytes) | 0);
    return true;
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

  /** Some write of rows was not told of, or not which rows it was of. */
  get rowsLost(): boolean {
    return Atomics.load(this.#words, WORD.rowsLost) === 1;
  }

  /** Hands out the records that are there, in order; each is gone when it was visited. */
  take(
    isText: (scorer: number) => boolean,
    visit: (record: ScoreRecord) => void,
    visitWrite: (record: WriteRecord) => void = () => {},
  ): number {
    const written = Atomics.load(this.#words, WORD.written);
    let taken = Atomics.load(this.#words, WORD.taken);
    let count = 0;
    while (taken !== written) {
      const at = (taken >>> 0) % this.#bytes.length;
      const bytes = this.#numbers[at / 8]!;
      const scorer = bytes > 8 ? this.#numbers[at / 8 + HEAD.scorer]! : SKIPPED;
      if (scorer === WRITE) visitWrite(this.#writeAt(at));
      else if (scorer !== SKIPPED) visit(this.#recordAt(at, isText));
      if (scorer !== SKIPPED) count++;
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
    const list = (count: number): Float64Array | undefined => {
      const from = at / 8;
      at += count * 8;
      return count === 0 ? undefined : this.#numbers.slice(from, from + count);
    };
    const distances = list(head[HEAD.distances]!);
    const sources = list(head[HEAD.sources]!);
    return {
      scorer,
      phase: head[HEAD.phase]!,
      iteration: head[HEAD.iteration]!,
      input: {
        ...input,
        distances,
        tolerance: head[HEAD.tolerance]!,
        ...(sources && { sources }),
      },
      window: { sentNs: head[HEAD.sent]!, doneNs: head[HEAD.done]! },
    };
  }

  #writeAt(start: number): WriteRecord {
    const head = this.#numbers.subarray(start / 8, start / 8 + HEAD.count);
    const from = (start + HEAD_BYTES) / 8;
    const record = { subject: head[HEAD.done]!, ticket: head[HEAD.iteration]! };
    const timeNs = head[HEAD.sent]!;
    const kind = head[HEAD.phase]!;
    if (kind === WRITE_ENDED) return { ...record, ackedNs: timeNs };
    const began = {
      kind: WRITE_KINDS[kind]!,
      source: head[HEAD.tolerance]!,
      ids: this.#numbers.slice(from, from + head[HEAD.answer]!),
      beganNs: timeNs,
    };
    return { ...record, began };
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
