import { resolve } from 'node:path';
import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { dataFields, type FeederSpec, type FileFormat } from './feeder-schema.ts';
import { openCsvRows } from './csv-rows.ts';
import { openFileRows } from './file-rows.ts';
import { openJsonRows } from './json-rows.ts';
import { openLineRows } from './line-rows.ts';
import { openParquetRows } from './parquet-rows.ts';
import { ROW_ORDERS } from './row-order.ts';
import type { Row, RowSlice, RowSource } from './row-source.ts';
import { openTextRows } from './text-rows.ts';

/** Rows by iteration: a function of (seed, name, iteration), equal for any number of workers. */
export interface Feeder {
  readonly name: string;
  readonly fields: readonly string[];
  /** Rows before they repeat. */
  readonly rowCount: number;
  /** Iterations before the rows end; Infinity where they begin again. */
  readonly iterations: number;
  /** The row is the same for all iterations of a VU: `row` takes the number of the VU, from 0. */
  readonly perVu: boolean;
  /** What iteration `iteration` (from 0) reads. Treat it as read-only: it may be handed out again. */
  row(iteration: number): Row;
  /** The number in its source, from 1, of the (first) row of that iteration: for messages. */
  rowNumber(iteration: number): number;
}

export interface FeederContext {
  readonly seed: number;
  /** Folder of the scenario file. */
  readonly baseFolder: string;
}

/** Opens a feeder. Throws DATA_NOT_READABLE, DATA_NOT_USABLE and DATA_EMPTY. */
export async function openFeeder(
  name: string,
  spec: FeederSpec,
  { seed, baseFolder }: FeederContext,
): Promise<Feeder> {
  const source = await openSource(name, spec, { seed, baseFolder });
  const { rowCount } = source;
  if (rowCount === 0) {
    throw new LoadgenError('DATA_EMPTY', { feeder: name, source: describeSource(spec) });
  }
  const { batch, skip, pick } = spec;
  const { order: orderOf, ends } = ROW_ORDERS[pick];
  const order = orderOf({ rowCount, seed, name });
  return {
    name,
    fields: source.fields,
    rowCount,
    iterations: ends ? Math.ceil(rowCount / batch) : Number.POSITIVE_INFINITY,
    perVu: spec.perVu === true,
    row:
      batch === 1
        ? (iteration) => source.row(order(iteration))
        : (iteration) => {
            const first = iteration * batch;
            // The last batch of rows that end has what is left.
            const end = ends ? Math.min(first + batch, rowCount) : first + batch;
            return batchOf(source, order, { first, end });
          },
    rowNumber: (iteration) => skip + order(iteration * batch) + 1,
  };
}

async function openSource(
  name: string,
  spec: FeederSpec,
  { seed, baseFolder }: FeederContext,
): Promise<RowSource> {
  const { source, skip, rows = Number.POSITIVE_INFINITY } = spec;
  const slice: RowSlice = { skip, rows };
  if ('file' in source) return OPENERS[source.kind](name, resolve(baseFolder, source.file), slice);
  if (source.kind === 'files') {
    const { pattern, sidecar } = source;
    return openFileRows(name, { pattern, sidecar, baseFolder, slice });
  }
  if (source.kind === 'inline')
    return inlineRows(source.rows, dataFields(spec) as readonly string[], slice);
  const tokenizer =
    source.tokenizer === undefined ? undefined : resolve(baseFolder, source.tokenizer);
  return openTextRows(name, { tokens: source.tokens, tokenizer, seed, slice });
}

const OPENERS: Readonly<Record<FileFormat, typeof openLineRows>> = {
  lines: openLineRows,
  csv: openCsvRows,
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

function batchOf(
  source: RowSource,
  order: (position: number) => number,
  { first, end }: { first: number; end: number },
): Row {
  const lists: Record<string, unknown[]> = {};
  for (const field of source.fields) lists[field] = [];
  for (let position = first; position < end; position++) {
    const row = source.row(order(position));
    for (const field of source.fields) lists[field]!.push(row[field]);
  }
  return lists;
}

function describeSource({ source, skip }: FeederSpec): string {
  const named = 'file' in source ? source.file : undefined;
  const place = named ?? (source.kind === 'files' ? source.pattern : source.kind);
  return skip > 0 ? `${place}, after skipping ${skip}` : place;
}
