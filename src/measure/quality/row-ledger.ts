/** What a write does with the rows it names. */
export const WRITE_KINDS = ['adds', 'replaces', 'deletes'] as const;
export type WriteKind = (typeof WRITE_KINDS)[number];

/** The rows of a write are of no feeder that the ground truth is over. */
export const UNKNOWN_SOURCE = -1;
/** Ids whose writes are kept. */
const MAX_IDS = 2_000_000;
/** Writes of one id that are kept: searches that were open while more came know nothing of it. */
const WRITES_KEPT = 8;

/** A write that began, as a traffic thread tells of it before it is sent. */
export interface BegunWrite {
  readonly kind: WriteKind;
  /** Index of the feeder among those that the truth is over: which vectors the rows have. */
  readonly source: number;
  readonly ids: ArrayLike<number>;
  readonly beganNs: number;
}

/** When a search was sent and when its answer was there. */
export interface SearchWindow {
  readonly sentNs: number;
  readonly doneNs: number;
}

interface Write {
  readonly kind: WriteKind;
  readonly source: number;
  readonly beganNs: number;
  /** Infinity: not acknowledged, so it may take place at any time. */
  ackedNs: number;
}

interface Writes {
  readonly all: Write[];
  /** Of searches sent before, nothing is known: writes of before were forgotten. */
  knownFromNs: number;
}

/**
 * Which rows of a collection searches could see, by what was acknowledged. A row counts as there
 * from the acknowledgement of its write on, and as gone from that of its deletion on; in between,
 * and while it is replaced, an answer is right with it and without it. All times are of one clock.
 */
export class RowLedger {
  readonly #byId = new Map<number, Writes>();
  readonly #open = new Map<string, { write: Write; ids: ArrayLike<number> }>();
  #isLost = false;

  /** Some write was not told of, or not which rows it touches: nothing can be said from then on. */
  get isLost(): boolean {
    return this.#isLost;
  }

  lose(): void {
    this.#isLost = true;
  }

  /** `ticket` names the write until it has ended; one that is reused ends what it named before. */
  began(ticket: string, { kind, source, ids, beganNs }: BegunWrite): void {
    const write: Write = { kind, source, beganNs, ackedNs: Number.POSITIVE_INFINITY };
    this.#open.set(ticket, { write, ids });
    for (let at = 0; at < ids.length; at++) this.#add(ids[at]!, write);
  }

  /** `ackedNs`: Infinity where nobody knows whether it took place, NaN where it was never sent. */
  ended(ticket: string, ackedNs: number): void {
    const open = this.#open.get(ticket);
    if (open === undefined) return;
    this.#open.delete(ticket);
    if (!Number.isNaN(ackedNs)) {
      open.write.ackedNs = ackedNs;
      return;
    }
    for (let at = 0; at < open.ids.length; at++) {
      const { all } = this.#byId.get(open.ids[at]!)!;
      const place = all.indexOf(open.write);
      if (place !== -1) all.splice(place, 1);
    }
  }

  /** Whether the row of this id from that feeder was there for a search. */
  presence(
    row: { readonly id: number; readonly source: number; readonly atStart: boolean },
    window: SearchWindow,
  ): 'there' | 'possible' | 'absent' {
    const writes = this.#byId.get(row.id);
    if (writes === undefined) return row.atStart ? 'there' : 'absent';
    if (window.sentNs < writes.knownFromNs) return 'possible';
    const begun = writes.all.filter(({ beganNs }) => beganNs <= window.doneNs);
    const all = row.atStart ? [{ ...AT_START, source: row.source }, ...begun] : begun;
    const places = (write: Write): boolean =>
      write.kind !== 'deletes' && (write.source === row.source || write.source === UNKNOWN_SOURCE);
    const replaced = (one: Write): boolean =>
      all.some(
        (other) =>
          !places(other) &&
          other.kind !== 'adds' &&
          other.beganNs >= one.ackedNs &&
          other.ackedNs <= window.sentNs,
      );
    const placing = all.filter((write) => places(write) && !replaced(write));
    if (placing.length === 0) return 'absent';
    const isThere = placing.some(
      (one) =>
        one.source === row.source &&
        one.ackedNs <= window.sentNs &&
        all.every((other) => isSame(one, other) || other.ackedNs <= one.beganNs),
    );
    return isThere ? 'there' : 'possible';
  }

  /** Whether a row was deleted for good before a search was sent. */
  isGone(id: number, window: SearchWindow): boolean {
    const writes = this.#byId.get(id);
    if (writes === undefined || window.sentNs < writes.knownFromNs) return false;
    const begun = writes.all.filter(({ beganNs }) => beganNs <= window.doneNs);
    return begun.some(
      (one) =>
        one.kind === 'deletes' &&
        one.ackedNs <= window.sentNs &&
        begun.every((other) => other.kind === 'deletes' || other.ackedNs <= one.beganNs),
    );
  }

  #add(id: number, write: Write): void {
    const known = this.#byId.get(id);
    if (known === undefined) {
      if (this.#byId.size >= MAX_IDS) this.#isLost = true;
      else this.#byId.set(id, { all: [write], knownFromNs: Number.NEGATIVE_INFINITY });
      return;
    }
    known.all.push(write);
    if (known.all.length <= WRITES_KEPT) return;
    known.all.shift();
    known.knownFromNs = write.beganNs;
  }
}

const AT_START = {
  kind: 'adds',
  beganNs: Number.NEGATIVE_INFINITY,
  ackedNs: Number.NEGATIVE_INFINITY,
} as const;

/** Two writes of the same row with the same vector. */
function isSame(one: Write, other: Write): boolean {
  return other.kind !== 'deletes' && other.source === one.source;
}
