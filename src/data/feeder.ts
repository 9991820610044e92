import { resolve } from 'node:path';
import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { dataFields, type FeederSpec } from './feeder-schema.ts';
import { openLineRows } from './line-rows.ts';
import { sequentialOrder, shuffledOrder } from './row-order.ts';
import type { Row, RowSlice, RowSource } from './row-source.ts';
import { openTextRows } from './text-rows.ts';

/** Rows by iteration: a function of (seed, name, iteration), equal for any number of workers. */
export interface Feeder {
  readonly name: string;
  readonly fields: readonly string[];
  /** Rows before they repeat. */
  readonly rowCount: number;
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
  const order = (pick === 'shuffle' ? shuffledOrder : sequentialOrder)({ rowCount, seed, name });
  return {
    name,
    fields: source.fields,
    rowCount,
    row:
      batch === 1
        ? (iteration) => source.row(order(iteration))
        : (iteration) => batchOf(source, order, { first: iteration * batch, batch }),
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
  if (source.kind === 'lines') return openLineRows(name, resolve(baseFolder, source.file), slice);
  if (source.kind === 'inline') return inlineRows(source.rows, dataFields(spec), slice);
  const tokenizer =
    source.tokenizer === undefined ? undefined : resolve(baseFolder, source.tokenizer);
  return openTextRows(name, { tokens: source.tokens, tokenizer, seed, slice });
}

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
  { first, batch }: { first: number; batch: number },
): Row {
  const lists: Record<string, unknown[]> = {};
  for (const field of source.fields) lists[field] = [];
  for (let position = first; position < first + batch; position++) {
    const row = source.row(order(position));
    for (const field of source.fields) lists[field]!.push(row[field]);
  }
  return lists;
}

function describeSource({ source, skip }: FeederSpec): string {
  const place = source.kind === 'lines' ? source.file : 'inline';
  return skip > 0 ? `${place}, after skipping ${skip}` : place;
}
