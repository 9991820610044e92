import type { ToldSettings } from './index-settings.ts';
import type { RowId } from './vector-ids.ts';

/** What a search found, the nearest first; all lists are of one length. */
export interface Found {
  readonly ids: readonly RowId[];
  /** As the server says them. */
  readonly distances: readonly number[];
  /** Where fields were asked for: those of each row. */
  readonly fields?: readonly Readonly<Record<string, unknown>>[] | undefined;
}

/** What an operation gave: only what its verb has. */
export interface VectorAnswer {
  readonly found?: Found | undefined;
  /** Rows that a write held. */
  readonly count?: number;
  /** Rows that the server counts. */
  readonly rows?: number;
  /** What the server keeps of a collection that was made. */
  readonly kept?: ToldSettings;
}

const NO_ANSWER: VectorAnswer = {};

/**
 * The last answer's fields, as expressions and scorers read them; all undefined while there is
 * none. An answer that has to be taken apart is taken apart when somebody reads it.
 */
export class VectorResult {
  #read: (() => VectorAnswer) | undefined;
  #answer = NO_ANSWER;

  get ids(): readonly RowId[] | undefined {
    return this.#now().found?.ids;
  }

  get distances(): readonly number[] | undefined {
    return this.#now().found?.distances;
  }

  get hits(): readonly Readonly<Record<string, unknown>>[] | undefined {
    const { found } = this.#now();
    return found?.ids.map((id, index) => ({
      ...found.fields?.[index],
      id,
      distance: found.distances[index],
    }));
  }

  get count(): number | undefined {
    return this.#now().count;
  }

  get rows(): number | undefined {
    return this.#now().rows;
  }

  get kept(): ToldSettings | undefined {
    return this.#now().kept;
  }

  fill(answer: VectorAnswer): void {
    this.#read = undefined;
    this.#answer = answer;
  }

  /** `read` is called at most once, before the next answer. */
  fillLater(read: () => VectorAnswer): void {
    this.#read = read;
  }

  clear(): void {
    this.fill(NO_ANSWER);
  }

  #now(): VectorAnswer {
    if (this.#read !== undefined) this.fill(this.#read());
    return this.#answer;
  }
}
