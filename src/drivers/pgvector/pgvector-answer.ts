import { idOfText, type RowId } from '../vocabulary/vectors/vector-ids.ts';
import type { SearchSettings } from '../vocabulary/vectors/vector-calls.ts';
import type { Found } from '../vocabulary/vectors/vector-result.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a search gives: `id`, `distance` and the fields that were asked for. */
export interface FoundRows {
  readonly rows: readonly Fields[] | undefined;
  /** One column of them. */
  valuesOf(column: string): readonly unknown[];
}

/** Reads what is asked for, the first time: most look at ids alone. */
export class PgvectorFound implements Found {
  readonly #answer: FoundRows;
  readonly #hasFields: boolean;
  #ids: readonly RowId[] | undefined;
  #distances: readonly number[] | undefined;

  constructor(answer: FoundRows, { fields }: Pick<SearchSettings, 'fields'>) {
    this.#answer = answer;
    this.#hasFields = fields.length > 0;
  }

  get ids(): readonly RowId[] {
    return (this.#ids ??= this.#answer.valuesOf('id').map(idOf));
  }

  get distances(): readonly number[] {
    return (this.#distances ??= this.#answer.valuesOf('distance').map(Number));
  }

  get fields(): readonly Fields[] | undefined {
    return this.#hasFields ? this.#answer.rows : undefined;
  }
}

function idOf(id: unknown): RowId {
  return typeof id === 'number' ? id : idOfText(String(id));
}
