import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { openFeederRows, type FeederContext } from './feeder.ts';
import { FILE_FORMATS, feederSchema, type FeederSpec, type FileFormat } from './feeder-schema.ts';
import { normOf } from './generators/vector-rows.ts';
import type { RowSource } from './row-source.ts';
import { openHdf5 } from './tables/hdf5-table.ts';
import { openVectorWriter } from './tables/vector-writer.ts';
import { exactNeighbors, type SearchProgress } from './truth/exact-neighbors.ts';
import type { ExactTruthSpec } from './truth/truth-schema.ts';
import { withExactTruth } from './truth/exact-truth-rows.ts';
import type { Truth } from './truth/truth-rows.ts';
import { vectorOf } from './truth/vector-of.ts';

/** Rows that are looked at to say what the vectors of a set are like. */
const SAMPLED_ROWS = 1000;
/** Rows between two words of how far something is. */
const TOLD_ROWS = 10_000;

/** A file as a command names it: outside of any scenario. */
export interface DatasetPlace {
  readonly file: string;
  readonly format?: string | undefined;
  readonly table?: string | undefined;
  readonly rows?: number | undefined;
  readonly skip?: number | undefined;
}

/** What `loadgen dataset inspect` says. */
export interface DatasetFacts {
  readonly file: string;
  readonly format: FileFormat;
  readonly bytes: number | null;
  /** In a container: name and shape of each table. */
  readonly tables?: Readonly<Record<string, readonly number[]>>;
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** Of the table that was asked for, as all that follows. */
  readonly rows: number;
  readonly fields: readonly string[];
  /** Where rows have vectors. */
  readonly vectors?: VectorFacts;
}

export interface VectorFacts {
  readonly dimension: number;
  /** How many rows, from the first, the next figures are of. */
  readonly sampled: number;
  /** Euclidean lengths: 1 and 1 for a set that is normalised. */
  readonly shortest: number;
  readonly longest: number;
  /** Rows with a number that is none (NaN) or infinite. */
  readonly notFinite: number;
}

/** Opens a data set and looks at its first rows. Throws as `openFeeder`. */
export async function inspectDataset(
  place: DatasetPlace,
  context: Pick<FeederContext, 'cacheFolder'>,
): Promise<DatasetFacts> {
  const spec = specOf(place);
  const format = spec.source.kind as FileFormat;
  const path = resolve(place.file);
  const status = statSync(path, { throwIfNoEntry: false });
  const about = format === 'hdf5' ? await hdf5Facts(path) : {};
  const table = place.table ?? firstTable(about.tables);
  const rows = await openRows(specOf({ ...place, table }), context);
  return {
    file: place.file,
    format,
    bytes: status?.isFile() === true ? status.size : null,
    ...about,
    rows: rows.rowCount,
    fields: rows.fields,
    ...(rows.fields.includes('vector') && rows.rowCount > 0 && { vectors: vectorFacts(rows) }),
  };
}

async function hdf5Facts(path: string): Promise<Pick<DatasetFacts, 'tables' | 'attributes'>> {
  const file = await openHdf5(path);
  const { shapes, attributes } = file;
  file.close();
  return { tables: shapes, attributes };
}

/** `train` where it is there, for nobody said which; else the first that holds vectors. */
function firstTable(tables: DatasetFacts['tables'] = {}): string | undefined {
  if ('train' in tables) return undefined;
  return Object.keys(tables).find((name) => tables[name]!.length === 2);
}

function vectorFacts(rows: RowSource): VectorFacts {
  const sampled = Math.min(rows.rowCount, SAMPLED_ROWS);
  const lengths = Array.from({ length: sampled }, (_, row) =>
    normOf(vectorOf('dataset', rows, row)),
  );
  const finite = lengths.filter(Number.isFinite);
  return {
    dimension: vectorOf('dataset', rows, 0).length,
    sampled,
    shortest: Math.min(...finite),
    longest: Math.max(...finite),
    notFinite: sampled - finite.length,
  };
}

export interface Conversion {
  readonly from: DatasetPlace;
  readonly to: string;
  /** One of `WRITTEN_FORMATS`. */
  readonly format: string;
  readonly progress: (done: number, all: number) => void;
}

/** Writes the vectors of a data set into a file of another format; how many, and how long each. */
export async function convertDataset(
  { from, to, format, progress }: Conversion,
  context: Pick<FeederContext, 'cacheFolder'>,
): Promise<{ readonly rows: number; readonly dimension: number }> {
  const rows = await openRows(specOf(from), context);
  if (rows.rowCount === 0) {
    throw new LoadgenError('DATASET_NOT_USABLE', { file: from.file, reason: 'it has no rows' });
  }
  const dimension = vectorOf('dataset', rows, 0).length;
  const writer = openVectorWriter(to, format, dimension);
  try {
    for (let row = 0; row < rows.rowCount; row++) {
      const vector = vectorOf('dataset', rows, row);
      if (vector.length !== dimension) {
        const reason = `expected ${dimension} numbers in row ${row} as in row 0, found ${vector.length}`;
        throw new LoadgenError('DATASET_NOT_USABLE', { file: from.file, reason });
      }
      writer.write(vector instanceof Float32Array ? vector : Float32Array.from(vector));
      if (row % TOLD_ROWS === 0) progress(row, rows.rowCount);
    }
    writer.close();
  } catch (error) {
    writer.abandon();
    throw error;
  }
  return { rows: rows.rowCount, dimension };
}

export interface GroundTruthRequest {
  readonly base: DatasetPlace;
  readonly queries: DatasetPlace;
  readonly truth: Omit<ExactTruthSpec, 'kind' | 'over'>;
  readonly threads?: number | undefined;
  readonly progress: (found: SearchProgress) => void;
}

/** The exact nearest rows of each query: of each `truth.k`, and those as near as the last. */
export async function findGroundTruth(
  { base, queries, truth, threads, progress }: GroundTruthRequest,
  { cacheFolder }: Required<Pick<FeederContext, 'cacheFolder'>>,
): Promise<{ readonly rows: number; truth(row: number): Required<Truth> }> {
  const spec: ExactTruthSpec = { kind: 'exact', over: ['base'], ...truth };
  const data = { base: specOf(base), queries: specOf(queries) };
  const source = await openRows(data.queries, { cacheFolder });
  const table = await exactNeighbors(
    { name: 'queries', truth: spec, source },
    {
      baseFolder: process.cwd(),
      cacheFolder,
      seed: 1,
      params: {},
      data,
      progress,
      ...(threads !== undefined && { threads }),
    },
  );
  const found = withExactTruth(source, spec, table);
  return {
    rows: source.rowCount,
    truth: (row) => found.row(row)['truth'] as Required<Truth>,
  };
}

/** Throws DATASET_NOT_USABLE for keys that do not fit. */
function specOf({ file, format, table, rows, skip }: DatasetPlace): FeederSpec {
  const parsed = feederSchema.safeParse({ file, format, table, rows, skip });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const formats = path[0] === 'format' ? `; formats: ${FILE_FORMATS.join(', ')}` : '';
  const reason = `${path.join('.')} ${message}${formats}`;
  throw new LoadgenError('DATASET_NOT_USABLE', { file, reason });
}

function openRows(
  spec: FeederSpec,
  context: Pick<FeederContext, 'cacheFolder'>,
): Promise<RowSource> {
  const data = { dataset: spec };
  return openFeederRows('dataset', { ...context, seed: 1, baseFolder: process.cwd(), data });
}
