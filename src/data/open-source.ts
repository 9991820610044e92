import { resolve } from 'node:path';
import { openCsvRows } from './csv-rows.ts';
import { dataFields, type FeederSource, type FeederSpec, type RowFormat } from './feeder-schema.ts';
import { filteredRows } from './filtered-rows.ts';
import { openFileRows } from './file-rows.ts';
import type { GeneratorContext } from './generators/drawn.ts';
import { openGenerator } from './generators/open-generator.ts';
import { openJsonList, openJsonRows } from './json-rows.ts';
import { openLineRows } from './line-rows.ts';
import { openParquetRows } from './parquet-rows.ts';
import type { Row, RowSlice, RowSource } from './row-source.ts';
import { openTables, type VectorTables } from './tables/open-tables.ts';
import { openQdrantRows } from './tables/qdrant-rows.ts';
import { isTableFormat } from './tables/table-formats.ts';
import { tableRows } from './tables/table-rows.ts';
import { exactNeighbors, type ExactSetting } from './truth/exact-neighbors.ts';
import { givenNeighbors } from './truth/given-neighbors.ts';
import { withNeighbors, withTruthFields } from './truth/truth-rows.ts';
import { withExactTruth } from './truth/exact-truth-rows.ts';

export interface SourceContext {
  readonly baseFolder: string;
  /** Where what is made of data sets is kept. */
  readonly cacheFolder: string;
  readonly generator: GeneratorContext;
  /** What exact neighbours are found with; undefined leaves them out, for a look at a scenario. */
  readonly exact: ExactSetting | undefined;
}

/** The rows of a feeder, by their number. Throws as `openFeeder`. */
export async function openSource(
  name: string,
  spec: FeederSpec,
  context: SourceContext,
): Promise<RowSource> {
  const { skip, rows = Number.POSITIVE_INFINITY, where, pick, truth } = spec;
  const slice: RowSlice = { skip, rows, inOrder: pick === 'sequential' || pick === 'once' };
  const { source, tables } = await openRows(name, spec, slice, context);
  if (where !== undefined) return filteredRows(source, where, context.generator);
  if (truth === undefined) return source;
  if (truth.kind === 'exact') {
    const neighbors =
      context.exact && (await exactNeighbors({ name, truth, source }, context.exact));
    return withExactTruth(source, truth, neighbors);
  }
  if (source.fields.includes(truth.ids)) return withTruthFields(source, truth, name);
  return withNeighbors(source, await givenNeighbors(truth, tables, context), slice);
}

interface OpenRows {
  readonly source: RowSource;
  readonly tables?: VectorTables;
}

async function openRows(
  name: string,
  { source, ...spec }: FeederSpec,
  slice: RowSlice,
  context: SourceContext,
): Promise<OpenRows> {
  const { baseFolder, cacheFolder, generator } = context;
  if ('file' in source) {
    const path = resolve(baseFolder, source.file);
    if (!isTable(source)) return { source: await OPENERS[source.kind](name, path, slice) };
    const { kind: format, table } = source;
    if (format === 'qdrant') return { source: await openQdrantRows(name, path, { table, slice }) };
    const tables = await openTables({ format, path, table, cacheFolder });
    return { source: tableRows(tables, slice), tables };
  }
  if (source.kind === 'files') {
    const { pattern, sidecar } = source;
    return { source: await openFileRows(name, { pattern, sidecar, baseFolder, slice }) };
  }
  if (source.kind === 'inline') {
    const fields = dataFields({ source, skip: 0, batch: 1, pick: spec.pick }) as readonly string[];
    return { source: inlineRows(source.rows, fields, slice) };
  }
  return { source: await openGenerator(source, { slice, baseFolder }, generator) };
}

type FileSource = Extract<FeederSource, { readonly file: string }>;
type TableSource = Exclude<FileSource, { readonly kind: RowFormat }>;

function isTable(source: FileSource): source is TableSource {
  return isTableFormat(source.kind);
}

const OPENERS: Readonly<Record<RowFormat, typeof openLineRows>> = {
  lines: openLineRows,
  csv: openCsvRows,
  json: openJsonList,
  jsonl: openJsonRows,
  parquet: openParquetRows,
};

function inlineRows(
  all: readonly Row[],
  fields: readonly string[],
  { skip, rows }: RowSlice,
): RowSource {
  const used = all.slice(skip, skip + rows);
  return { rowCount: used.length, fields, row: (index) => used[index]! };
}
