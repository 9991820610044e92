import { existsSync } from 'node:fs';
import { MAX_DIMENSION } from '../limits.ts';
import { cacheEntry, contentKey, fingerprint } from '../dataset-cache.ts';
import { notUsable } from './dataset-file.ts';
import { NpyWriter, type NpyKind } from './npy-writer.ts';
import { openNpyTable } from './npy-table.ts';
import type { NumberTable } from './number-table.ts';
import { openParquetPages } from './parquet-pages.ts';

/** Changed when what is written changes. */
const VERSION = 1;

export interface CachedColumn {
  readonly paths: readonly string[];
  /** The first of these that the files have. */
  readonly column: readonly string[];
  readonly kind: NpyKind;
  readonly cacheFolder: string;
}

/**
 * A column of parquet files as a table: rows of a column-wise format cannot be read by their
 * number, so it is written once, row by row, into the cache. Throws DATASET_NOT_READABLE and
 * DATASET_NOT_USABLE.
 */
export async function openCachedColumn(asked: CachedColumn): Promise<NumberTable> {
  const { paths, column, kind, cacheFolder } = asked;
  const content = { version: VERSION, column, kind, files: paths.map(fingerprint) };
  const entry = cacheEntry(cacheFolder, `column-${contentKey(content)}.npy`);
  if (!existsSync(entry)) await writeColumn(entry, asked);
  return openNpyTable(entry);
}

async function writeColumn(entry: string, { paths, column, kind }: CachedColumn): Promise<void> {
  let writer: NpyWriter | undefined;
  let dimension = 0;
  try {
    for (const path of paths) {
      const pages = await openParquetPages(path);
      const name = column.find((candidate) => pages.columns.includes(candidate));
      if (name === undefined) {
        const found = pages.columns.join(', ') || 'none';
        throw notUsable(path, `expected a column ${column.join(' or ')}, found ${found}`);
      }
      let row = 0;
      for await (const values of pages.values(name)) {
        if (values.length === 0) continue;
        if (writer === undefined) {
          dimension = checkedDimension(path, numbersOf(values[0]));
          writer = new NpyWriter(entry, { kind, dimension });
        }
        writer.write(flattened(values, { path, name, row, dimension, kind }));
        row += values.length;
      }
    }
    if (writer === undefined) throw notUsable(paths[0]!, 'it has no rows');
    writer.close();
  } catch (error) {
    writer?.abandon();
    throw error;
  }
}

function checkedDimension(path: string, first: readonly unknown[]): number {
  if (first.length >= 1 && first.length <= MAX_DIMENSION) return first.length;
  throw notUsable(path, `its first row has ${first.length} numbers`);
}

interface Place {
  readonly path: string;
  readonly name: string;
  readonly row: number;
  readonly dimension: number;
  readonly kind: NpyKind;
}

function flattened(values: ArrayLike<unknown>, place: Place): Float32Array | Float64Array {
  const { dimension, path, name, row, kind } = place;
  const numbers = kind === '<f4' ? Float32Array : Float64Array;
  const flat = new numbers(values.length * dimension);
  for (let index = 0; index < values.length; index++) {
    const list = numbersOf(values[index]);
    if (list.length !== dimension) {
      const where = `row ${row + index} of ${name}`;
      throw notUsable(path, `expected ${dimension} numbers in ${where}, found ${list.length}`);
    }
    for (let at = 0; at < dimension; at++) {
      const value = Number(list[at]);
      if (list[at] === null || Number.isNaN(value)) {
        throw notUsable(path, `row ${row + index} of ${name} holds ${String(list[at])}`);
      }
      flat[index * dimension + at] = value;
    }
  }
  return flat;
}

/** A list as the pages hold it, inside lists for each level that may be absent; or one number. */
function numbersOf(value: unknown): readonly unknown[] {
  let list = value;
  while (Array.isArray(list) && list.length === 1 && Array.isArray(list[0])) {
    [list] = list as readonly unknown[];
  }
  return Array.isArray(list) ? (list as readonly unknown[]) : [list];
}
