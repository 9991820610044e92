import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Row, RowSlice, RowSource } from '../row-source.ts';
import type { NeighborTables } from '../tables/binary-tables.ts';
import { notUsable } from '../tables/dataset-file.ts';
import { RowWindow } from '../tables/row-window.ts';

/** What `score` compares an answer with: the field `truth` of a row. */
export interface Truth {
  /** The nearest rows, the nearest one first. */
  readonly ids: readonly number[];
  /** In the same order, where they are known. */
  readonly distances?: readonly number[];
  /** A row as near as the last that counts, but for this much, is as good. */
  readonly tolerance?: number;
  /** Where rows are written under load: the feeder of each, by its place among those searched. */
  readonly sources?: readonly number[];
  /** Feeders whose rows are there when load begins, in the same way. */
  readonly present?: readonly number[];
}

/** The same rows with their `truth`, row by row as in the tables. Throws DATASET_NOT_USABLE. */
export function withNeighbors(
  rows: RowSource,
  { ids, distances }: NeighborTables,
  slice: RowSlice,
): RowSource {
  const needed = slice.skip + rows.rowCount;
  for (const table of [ids, ...(distances ? [distances] : [])]) {
    if (table.rowCount >= needed) continue;
    const reason = `expected the neighbours of ${needed} rows, found those of ${table.rowCount}`;
    throw notUsable(table.file, reason);
  }
  if (distances !== undefined && distances.dimension !== ids.dimension) {
    const reason = `expected ${ids.dimension} distances a row as there are ids, found ${distances.dimension}`;
    throw notUsable(distances.file, reason);
  }
  const inOrder = slice.inOrder ?? false;
  const window = { numbers: Float64Array, inOrder };
  const idRows = new RowWindow(ids, slice, window);
  const distanceRows = distances && new RowWindow(distances, slice, window);
  return withTruth(rows, ids.dimension, (index) => ({
    ids: Array.from(idRows.row(index)),
    ...(distanceRows && { distances: Array.from(distanceRows.row(index)) }),
  }));
}

/** The same rows with their `truth`, out of fields that they have themselves. */
export function withTruthFields(
  rows: RowSource,
  fields: { readonly ids: string; readonly distances?: string },
  feeder: string,
): RowSource {
  const read = (row: Row, field: string): readonly number[] => {
    const value = row[field];
    if (Array.isArray(value) || value instanceof Float32Array) return value as readonly number[];
    const reason = `expected a list of numbers in ${field}, found ${JSON.stringify(value)}`;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: field, reason });
  };
  const truthOf = (row: Row): Truth => ({
    ids: read(row, fields.ids),
    ...(fields.distances !== undefined && { distances: read(row, fields.distances) }),
  });
  const depth = truthOf(rows.row(0)).ids.length;
  return withTruth(rows, depth, (_, row) => truthOf(row));
}

/** `depth`: how many neighbours a truth has at least. */
export function withTruth(
  rows: RowSource,
  depth: number,
  truthOf: (index: number, row: Row) => Truth,
): RowSource {
  return {
    ...rows,
    truthDepth: depth,
    fields: [...rows.fields.filter((field) => field !== 'truth'), 'truth'],
    row(index, position) {
      const row = rows.row(index, position);
      return { ...row, truth: truthOf(index, row) };
    },
  };
}
