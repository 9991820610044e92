import { resolve } from 'node:path';
import { LoadgenError } from '../base/errors/loadgen-error.ts';
import type { Scope } from '../base/expressions/template.ts';
import { dataFields, type FeederSpec, type FileFormat } from './feeder-schema.ts';
import { openCsvRows } from './csv-rows.ts';
import { openFileRows } from './file-rows.ts';
import { openJsonRows } from './json-rows.ts';
import { openLineRows } from './line-rows.ts';
import { openParquetRows } from './parquet-rows.ts';
import { ROW_ORDERS } from './row-order.ts';
import type { Row, RowSlice, RowSource } from './row-source.ts';
import type { GeneratorContext } from './generators/drawn.ts';
import { openGenerator } from './generators/open-generator.ts';

/** Rows by iteration: a function of (seed, name, iteration), equal for any number of workers. */
export interface Feeder {
  readonly name: string;
  readonly fields: readonly string[];
  /** Rows before they repeat; Infinity for a generator without an end. */
  readonly rowCount: number;
  /** Iterations before the rows end; Infinity where they begin again. */
  readonly iterations: number;
  /** The row is the same for all iterations of a VU: `row` takes the number of the VU, from 0. */
  readonly perVu: boolean;
  /** Rows an iteration takes; above 1 each field is a list. */
  readonly batch: number;
  /** What iteration `iteration` (from 0) reads. Treat it as read-only: it may be handed out again. */
  row(iteration: number): Row;
  /** The number in its source, from 1, of the (first) row of that iteration: for messages. */
  rowNumber(iteration: number): number;
}

export interface FeederContext {
  readonly seed: number;
  /** Folder of the scenario file. */
  readonly baseFolder: string;
  /** What expressions read as `params`. */
  readonly params?: Scope;
  /** All feeders of the scenario: a generator may read another one's rows. */
  readonly data?: Readonly<Record<string, FeederSpec>>;
}

/** Opens all feeders of a scenario. Throws as `openFeeder`. */
export async function openFeeders(
  data: Readonly<Record<string, FeederSpec>>,
  context: FeederContext,
): Promise<ReadonlyMap<string, Feeder>> {
  const opening = new FeederOpening({ ...context, data });
  const feeders = new Map<string, Feeder>();
  for (const name of Object.keys(data)) feeders.set(name, await opening.open(name, []));
  return feeders;
}

/** Opens a feeder. Throws DATA_NOT_READABLE, DATA_NOT_USABLE and DATA_EMPTY. */
export async function openFeeder(
  name: string,
  spec: FeederSpec,
  context: FeederContext,
): Promise<Feeder> {
  const data = { ...context.data, [name]: spec };
  return new FeederOpening({ ...context, data }).open(name, []);
}

/** Opens each feeder once, and those that it reads before it. */
class FeederOpening {
  readonly #context: FeederContext & Required<Pick<FeederContext, 'data'>>;
  readonly #opened = new Map<string, Feeder>();

  constructor(context: FeederContext & Required<Pick<FeederContext, 'data'>>) {
    this.#context = context;
  }

  async open(name: string, readers: readonly string[]): Promise<Feeder> {
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const { data, seed, params = {} } = this.#context;
    const feeder = await openOne(name, data[name]!, {
      ...this.#context,
      generator: {
        feeder: name,
        seed,
        params,
        feeders: Object.keys(data),
        open: (other) => {
          const chain = [...readers, name];
          if (chain.includes(other)) throw readsItself(name, [...chain, other]);
          return this.open(other, chain);
        },
      },
    });
    this.#opened.set(name, feeder);
    return feeder;
  }
}

function readsItself(feeder: string, chain: readonly string[]): LoadgenError {
  const source = chain.join(' → ');
  return new LoadgenError('DATA_NOT_USABLE', { feeder, source, reason: 'it reads its own rows' });
}

type OpenContext = FeederContext & { readonly generator: GeneratorContext };

async function openOne(name: string, spec: FeederSpec, context: OpenContext): Promise<Feeder> {
  const { seed } = context;
  const source = await openSource(name, spec, context);
  const { rowCount, lasts = Number.POSITIVE_INFINITY } = source;
  if (rowCount === 0) {
    throw new LoadgenError('DATA_EMPTY', { feeder: name, source: describeSource(spec) });
  }
  const { batch, skip, pick } = spec;
  const { order: orderOf, ends } = ROW_ORDERS[pick];
  const order = orderOf({ rowCount, seed, name });
  const last = Math.min(lasts, ends ? rowCount : Number.POSITIVE_INFINITY);
  return {
    name,
    fields: source.fields,
    rowCount,
    iterations: Math.ceil(last / batch),
    perVu: spec.perVu === true,
    batch,
    row:
      batch === 1
        ? (iteration) => source.row(order(iteration), iteration)
        : (iteration) => {
            const first = iteration * batch;
            // The last batch of rows that end has what is left.
            return batchOf(source, order, { first, end: Math.min(first + batch, last) });
          },
    rowNumber: (iteration) => skip + order(iteration * batch) + 1,
  };
}

async function openSource(
  name: string,
  spec: FeederSpec,
  { baseFolder, generator }: OpenContext,
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
  return openGenerator(source, { slice, baseFolder }, generator);
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
    const row = source.row(order(position), position);
    for (const field of source.fields) lists[field]!.push(row[field]);
  }
  return lists;
}

function describeSource({ source, skip }: FeederSpec): string {
  const named = 'file' in source ? source.file : undefined;
  const place = named ?? (source.kind === 'files' ? source.pattern : source.kind);
  return skip > 0 ? `${place}, after skipping ${skip}` : place;
}
