import { idOfText } from '../vocabulary/vectors/vector-ids.ts';
import type { SearchSettings } from '../vocabulary/vectors/vector-calls.ts';
import type { Found } from '../vocabulary/vectors/vector-result.ts';

/** `id`, `distance` and the fields that were asked for. */
export type FoundRow = Readonly<Record<string, unknown>>;

export function foundOf(
  rows: readonly FoundRow[] | undefined,
  { fields }: Pick<SearchSettings, 'fields'>,
): Found | undefined {
  return (
    rows && {
      ids: rows.map(({ id }) => (typeof id === 'number' ? id : idOfText(String(id)))),
      distances: rows.map(({ distance }) => Number(distance)),
      fields: fields.length === 0 ? undefined : rows,
    }
  );
}
