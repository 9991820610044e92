import { existsSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { readFailure } from '../text-file.ts';
import {
  openBinTable,
  openNeighborsBin,
  openVecsTable,
  type NeighborTables,
} from './binary-tables.ts';
import { openCachedColumn } from './cached-columns.ts';
import { notUsable } from './dataset-file.ts';
import { openHdf5 } from './hdf5-table.ts';
import { openNpyTable } from './npy-table.ts';
import type { NumberTable } from './number-table.ts';
import { isBin, isVecs, tableFormatOf, type TableFormat } from './table-formats.ts';

/** The vectors of a data set, and the ground truth that it brings. */
export interface VectorTables {
  readonly vectors: NumberTable;
  /** Where rows have ids of their own; else the id is the number of the row, from 0. */
  readonly ids?: NumberTable;
  /** The ground truth of this name inside the data set; undefined where it has none. */
  neighbors(ids: string, distances?: string): Promise<NeighborTables | undefined>;
}

export interface TablePlace {
  readonly format: TableFormat;
  /** A file, or the folder of a `vectordbbench` one. */
  readonly path: string;
  /** Which table of a container; `train` by default. */
  readonly table?: string | undefined;
  readonly cacheFolder: string;
}

const NO_NEIGHBORS = { neighbors: () => Promise.resolve(undefined) };

/** Throws DATASET_NOT_READABLE and DATASET_NOT_USABLE. */
export async function openTables(place: TablePlace): Promise<VectorTables> {
  const { format, path, table = 'train' } = place;
  if (isVecs(format)) return { vectors: openVecsTable(path, format), ...NO_NEIGHBORS };
  if (isBin(format)) return { vectors: openBinTable(path, format), ...NO_NEIGHBORS };
  if (format === 'npy') return { vectors: openNpyTable(path), ...NO_NEIGHBORS };
  if (format === 'qdrant') {
    return { vectors: openNpyTable(join(path, 'vectors.npy')), ...NO_NEIGHBORS };
  }
  return format === 'hdf5' ? hdf5Tables(path, table) : vectorDbBenchTables(place, table);
}

async function hdf5Tables(path: string, table: string): Promise<VectorTables> {
  const file = await openHdf5(path);
  if (file.attributes['type'] === 'sparse') {
    throw notUsable(path, 'its vectors are sparse sets, which are not read');
  }
  return {
    vectors: file.table(table),
    neighbors: (ids, distances) => {
      const has = ids in file.shapes;
      if (!has) return Promise.resolve(undefined);
      return Promise.resolve({
        ids: file.table(ids),
        ...(distances !== undefined && { distances: file.table(distances) }),
      });
    },
  };
}

const TABLE_FILES: Readonly<Record<string, RegExp>> = {
  train: /^train(-\d+-of-\d+)?\.parquet$/,
  test: /^test\.parquet$/,
};
const SHUFFLED_FILES = /^shuffle_train(-\d+-of-\d+)?\.parquet$/;

/** The folder of a data set as VectorDBBench lays it out. */
async function vectorDbBenchTables(place: TablePlace, table: string): Promise<VectorTables> {
  const { path: folder, cacheFolder } = place;
  const names = filesIn(folder);
  const wanted = TABLE_FILES[table];
  if (wanted === undefined)
    throw notUsable(folder, `expected a table train or test, found ${table}`);
  const plain = names.filter((name) => wanted.test(name));
  const used = plain.length > 0 || table === 'test' ? plain : names.filter(isShuffled);
  if (used.length === 0) {
    const expected = `${table}.parquet or ${table}-00-of-10.parquet and so on`;
    throw notUsable(folder, `expected ${expected}, found ${names.join(', ') || 'no files'}`);
  }
  const paths = used.map((name) => join(folder, name));
  const column = (names: readonly string[], kind: '<f4' | '<f8') =>
    openCachedColumn({ paths, column: names, kind, cacheFolder });
  return {
    vectors: await column(['emb', 'vector', 'embedding'], '<f4'),
    ids: await column(['id'], '<f8'),
    neighbors: async (ids) => {
      const file = join(folder, extname(ids) === '' ? `${ids}.parquet` : ids);
      return existsSync(file) ? neighborsFile(file, cacheFolder) : undefined;
    },
  };
}

function isShuffled(name: string): boolean {
  return SHUFFLED_FILES.test(name);
}

function filesIn(folder: string): string[] {
  try {
    // By code units: part 02 after part 01, on every machine.
    return readdirSync(folder).toSorted((one, other) => (one < other ? -1 : 1));
  } catch (error) {
    throw new LoadgenError('DATASET_NOT_READABLE', { file: folder, reason: readFailure(error) });
  }
}

/**
 * A file of ground truth, by its ending: ivecs, npy, HDF5 (`neighbors` and `distances`), parquet
 * (`neighbors_id`); any other as big-ann-benchmarks write it. Throws DATASET_NOT_READABLE and
 * DATASET_NOT_USABLE.
 */
export async function neighborsFile(path: string, cacheFolder: string): Promise<NeighborTables> {
  if (/\.parquet$/i.test(path)) {
    const column = ['neighbors_id', 'neighbors'];
    return { ids: await openCachedColumn({ paths: [path], column, kind: '<f8', cacheFolder }) };
  }
  const format = tableFormatOf(path);
  if (format === 'ivecs') return { ids: openVecsTable(path, format) };
  if (format === 'npy') return { ids: openNpyTable(path) };
  if (format !== 'hdf5') return openNeighborsBin(path);
  const file = await openHdf5(path);
  const ids = file.table('neighbors');
  return 'distances' in file.shapes ? { ids, distances: file.table('distances') } : { ids };
}

/** Distances in a file beside the ids: fvecs, fbin or npy. */
export function distancesFile(path: string): NumberTable {
  const format = tableFormatOf(path);
  if (format === 'fvecs') return openVecsTable(path, format);
  if (format === 'fbin') return openBinTable(path, format);
  if (format === 'npy') return openNpyTable(path);
  throw notUsable(path, 'distances are read from fvecs, fbin and npy files');
}
