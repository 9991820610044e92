import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openJsonRows } from '../json-rows.ts';
import type { RowSlice, RowSource } from '../row-source.ts';
import { withTruthFields } from '../truth/truth-rows.ts';
import { notUsable } from './dataset-file.ts';
import { openTables } from './open-tables.ts';
import { tableRows } from './table-rows.ts';

/**
 * A data set as qdrant's vector-db-benchmark lays it out in a folder: `train` is vectors.npy with
 * payloads.jsonl (`payload`) where it is there; `test` is tests.jsonl, whose queries bring their
 * `conditions` and their `truth`.
 */
export async function openQdrantRows(
  feeder: string,
  folder: string,
  { table = 'train', slice }: { readonly table?: string | undefined; readonly slice: RowSlice },
): Promise<RowSource> {
  if (table === 'test') return testRows(feeder, join(folder, 'tests.jsonl'), slice);
  if (table !== 'train') {
    throw notUsable(folder, `expected a table train or test, found ${table}`);
  }
  const tables = await openTables({ format: 'qdrant', path: folder, cacheFolder: '' });
  const rows = tableRows(tables, slice);
  const file = join(folder, 'payloads.jsonl');
  if (!existsSync(file)) return rows;
  const payloads = await openJsonRows(feeder, file, slice);
  if (payloads.rowCount !== rows.rowCount) {
    const reason = `expected ${rows.rowCount} rows as vectors.npy has, found ${payloads.rowCount}`;
    throw notUsable(file, reason);
  }
  return {
    ...rows,
    fields: [...rows.fields, 'payload'],
    row: (index) => ({ ...rows.row(index), payload: payloads.row(index) }),
  };
}

async function testRows(feeder: string, file: string, slice: RowSlice): Promise<RowSource> {
  const tests = await openJsonRows(feeder, file, slice);
  for (const field of ['query', 'closest_ids']) {
    if (!tests.fields.includes(field)) throw notUsable(file, `its rows have no field ${field}`);
  }
  const queries: RowSource = {
    rowCount: tests.rowCount,
    fields: ['id', 'vector', 'conditions'],
    row(index) {
      const { query, conditions, ...truth } = tests.row(index);
      const vector = Float32Array.from(query as readonly number[]);
      return { id: slice.skip + index, vector, conditions: conditions ?? null, ...truth };
    },
  };
  const hasScores = tests.fields.includes('closest_scores');
  const fields = { ids: 'closest_ids', ...(hasScores && { distances: 'closest_scores' }) };
  return withTruthFields(queries, fields, feeder);
}
