import { LoadgenError } from '../base/errors/loadgen-error.ts';
import type { Scope } from '../base/expressions/template.ts';
import { datasetCacheFolder } from './dataset-cache.ts';
import type { FeederSpec } from './feeder-schema.ts';
import { openSource, type SourceContext } from './open-source.ts';
import { ROW_ORDERS } from './row-order.ts';
import type { Row, RowSource } from './row-source.ts';
import type { SearchProgress } from './truth/exact-neighbors.ts';

/** Where a warm-up counts from in what goes on without end; ids made of it still fit 32 bits. */
const WARMUP_POSITIONS = 2 ** 30;

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
  /** Of rows with a field `truth`: how many neighbours each has at least. */
  readonly truthDepth?: number;
  /**
   * What iteration `iteration` (from 0) reads. Treat it as read-only: it may be handed out again. A
   * generator without an end has other rows for a warm-up: what that one sent is in no cache then.
   */
  row(iteration: number, isWarmup?: boolean): Row;
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
  /** Where what is made of data sets is kept, rather than in the folder for caches. */
  readonly cacheFolder?: string;
  /**
   * Exact neighbours (`truth: { exactOver }`): found, where they are not in the cache, or left out,
   * where only the scenario is looked at.
   */
  readonly exact?: 'find' | 'leave-out';
  /** Told how far a search for exact neighbours is. */
  readonly progress?: (found: SearchProgress) => void;
}

/** Opens all feeders of a scenario. Throws as `openFeeder`. */
export async function openFeeders(
  data: Readonly<Record<string, FeederSpec>>,
  context: FeederContext,
): Promise<ReadonlyMap<string, Feeder>> {
  const opening = new FeederOpening(context, data);
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
  return new FeederOpening(context, data).open(name, []);
}

/** The rows of a feeder by their number, without their `truth`. Throws as `openFeeder`. */
export function openFeederRows(
  name: string,
  context: FeederContext & Required<Pick<FeederContext, 'data'>>,
): Promise<RowSource> {
  const opening = new FeederOpening(context, context.data);
  const { truth: _, perVu: __, ...rows } = context.data[name]!;
  const spec: FeederSpec = { ...rows, batch: 1, pick: 'sequential' };
  return openSource(name, spec, opening.sourceContext(name, []));
}

/** Opens each feeder once, and those that it reads before it. */
class FeederOpening {
  readonly #context: FeederContext;
  readonly #data: Readonly<Record<string, FeederSpec>>;
  readonly #opened = new Map<string, Feeder>();

  constructor(context: FeederContext, data: Readonly<Record<string, FeederSpec>>) {
    this.#context = context;
    this.#data = data;
  }

  async open(name: string, readers: readonly string[]): Promise<Feeder> {
    const known = this.#opened.get(name);
    if (known !== undefined) return known;
    const spec = this.#data[name]!;
    const source = await openSource(name, spec, this.sourceContext(name, readers));
    const feeder = feederOf(name, spec, source, this.#context.seed);
    this.#opened.set(name, feeder);
    return feeder;
  }

  sourceContext(name: string, readers: readonly string[]): SourceContext {
    const { baseFolder, seed, params = {}, exact = 'find', progress } = this.#context;
    const { cacheFolder = datasetCacheFolder(process.env) } = this.#context;
    const data = this.#data;
    const open = (other: string): Promise<Feeder> => {
      const chain = [...readers, name];
      if (chain.includes(other)) throw readsItself(name, [...chain, other]);
      return this.open(other, chain);
    };
    const setting = { baseFolder, cacheFolder, seed, params, data, ...(progress && { progress }) };
    return {
      baseFolder,
      cacheFolder,
      generator: { feeder: name, seed, params, feeders: Object.keys(data), open },
      exact: exact === 'find' ? setting : undefined,
    };
  }
}

function readsItself(feeder: string, chain: readonly string[]): LoadgenError {
  const source = chain.join(' → ');
  return new LoadgenError('DATA_NOT_USABLE', { feeder, source, reason: 'it reads its own rows' });
}

function feederOf(name: string, spec: FeederSpec, source: RowSource, seed: number): Feeder {
  const { rowCount, lasts = Number.POSITIVE_INFINITY, truthDepth } = source;
  if (rowCount === 0) {
    throw new LoadgenError('DATA_EMPTY', { feeder: name, source: describeSource(spec) });
  }
  const { batch, skip, pick } = spec;
  const { order: orderOf, ends } = ROW_ORDERS[pick];
  const order = orderOf({ rowCount, seed, name });
  const last = Math.min(lasts, ends ? rowCount : Number.POSITIVE_INFINITY);
  const isEndless = rowCount === Number.POSITIVE_INFINITY;
  function rowAt(position: number, isWarmup = false): Row {
    const told = isWarmup ? position + WARMUP_POSITIONS : position;
    return source.row(order(isEndless ? told : position), told);
  }
  return {
    name,
    fields: source.fields,
    rowCount,
    iterations: Math.ceil(last / batch),
    perVu: spec.perVu === true,
    batch,
    ...(truthDepth !== undefined && { truthDepth }),
    row:
      batch === 1
        ? (iteration, isWarmup) => rowAt(iteration, isWarmup)
        : (iteration, isWarmup) => {
            const first = iteration * batch;
            // The last batch of rows that end has what is left.
            const end = Math.min(first + batch, last);
            return batchOf(source.fields, { first, end }, (position) => rowAt(position, isWarmup));
          },
    rowNumber: (iteration) => skip + order(iteration * batch) + 1,
  };
}

function batchOf(
  fields: readonly string[],
  { first, end }: { readonly first: number; readonly end: number },
  rowAt: (position: number) => Row,
): Row {
  const lists: Record<string, unknown[]> = {};
  for (const field of fields) lists[field] = [];
  for (let position = first; position < end; position++) {
    const row = rowAt(position);
    for (const field of fields) lists[field]!.push(row[field]);
  }
  return lists;
}

function describeSource({ source, skip }: FeederSpec): string {
  const named = 'file' in source ? source.file : undefined;
  const place = named ?? (source.kind === 'files' ? source.pattern : source.kind);
  return skip > 0 ? `${place}, after skipping ${skip}` : place;
}
