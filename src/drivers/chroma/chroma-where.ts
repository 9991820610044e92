import type { Condition } from '../vocabulary/vectors/vector-filter.ts';

/** Conditions as Chroma's `where`; undefined where there are none. */
export function whereOf(conditions: readonly Condition[]): Record<string, unknown> | undefined {
  const each = conditions.map(({ field, operator, value }) => ({
    [field]: { [`$${operator}`]: value },
  }));
  if (each.length < 2) return each[0];
  return { $and: each };
}

/** The fields of each row as Chroma's `metadatas`; undefined where rows have none. */
export function metadatasOf(
  fields: Readonly<Record<string, readonly unknown[]>>,
  rows: number,
): Record<string, unknown>[] | undefined {
  const columns = Object.entries(fields);
  if (columns.length === 0) return undefined;
  return Array.from({ length: rows }, (_, row) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  );
}
