import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Scope } from '../../base/expressions/template.ts';
import { cacheEntry, contentKey } from '../dataset-cache.ts';
import type { FeederSpec } from '../feeder-schema.ts';
import { MAX_QUERY_NUMBERS } from '../limits.ts';
import type { RowSource } from '../row-source.ts';
import { openNpyTable } from '../tables/npy-table.ts';
import { NpyWriter } from '../tables/npy-writer.ts';
import type { NumberTable } from '../tables/number-table.ts';
import { contentOf, paramsRead } from './content-of.ts';
import { squaredLength, toleranceOf } from './distance.ts';
import { HEAD_NUMBERS, type Nearest, type SearchPart } from './exact-messages.ts';
import { SearchThreads } from './search-threads.ts';
import type { ExactTruthSpec } from './truth-schema.ts';
import { vectorOf } from './vector-of.ts';

/** Changed when the way in which neighbours are found or written changes. */
const VERSION = 1;
/** The same for neighbours out of several feeders. */
const VERSION_OF_SEVERAL = 2;
/** Rows that are kept beyond the last neighbour that counts: those as near as it is. */
const MAX_TIES = 64;

/** What exact neighbours are found with. */
export interface ExactSetting {
  readonly baseFolder: string;
  readonly cacheFolder: string;
  readonly seed: number;
  readonly params: Scope;
  readonly data: Readonly<Record<string, FeederSpec>>;
  /** One for each core by default. */
  readonly threads?: number;
  /** Told now and then, and only where nothing is in the cache. */
  readonly progress?: (found: SearchProgress) => void;
}

export interface SearchProgress {
  readonly feeder: string;
  readonly rowsDone: number;
  readonly rows: number;
}

export interface ExactQueries {
  /** The feeder whose rows are the queries. */
  readonly name: string;
  readonly truth: ExactTruthSpec;
  readonly source: RowSource;
}

/**
 * The exact nearest rows of each query, from the cache or found now: by comparing every query with
 * every row, in doubles, on all cores. A row of the table is as `exact-messages.ts` says. Throws
 * DATA_NOT_USABLE and what opening the feeders throws.
 */
export async function exactNeighbors(
  queries: ExactQueries,
  setting: ExactSetting,
): Promise<NumberTable> {
  const { name, truth } = queries;
  const content = {
    version: truth.over.length > 1 ? VERSION_OF_SEVERAL : VERSION,
    queries: contentOf(name, setting),
    over: truth.over.map((over) => contentOf(over, setting)),
    metric: truth.metric,
    k: truth.k,
    filter: truth.filter,
    params: paramsRead(truth.filter ?? '', setting.params),
  };
  const entry = cacheEntry(setting.cacheFolder, `neighbors-${contentKey(content)}.npy`);
  if (!existsSync(entry)) await find(entry, queries, setting);
  return openNpyTable(entry);
}

async function find(entry: string, queries: ExactQueries, setting: ExactSetting): Promise<void> {
  const { name, truth } = queries;
  const { vectors, dimension } = readQueries(queries);
  const width = truth.k + MAX_TIES;
  const { threads = availableParallelism(), progress, ...context } = setting;
  const part: Omit<SearchPart, 'index' | 'of'> = {
    feeder: name,
    truth,
    queries: vectors,
    dimension,
    width,
    context,
  };
  const search = new SearchThreads(part, { threads, progress });
  const found = await search.run();
  const writer = new NpyWriter(entry, { kind: '<f8', dimension: HEAD_NUMBERS + 2 * width });
  try {
    writeNeighbors(writer, found, { truth, vectors, dimension, width });
    writer.close();
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

/** All of them, in memory that threads share. */
function readQueries({ name, source }: ExactQueries): { vectors: Float32Array; dimension: number } {
  const dimension = vectorOf(name, source, 0).length;
  const numbers = source.rowCount * dimension;
  if (!(numbers <= MAX_QUERY_NUMBERS)) {
    const reason = `its queries have ${numbers} numbers, and ${MAX_QUERY_NUMBERS} are searched for at most; take fewer with \`rows\``;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder: name, source: 'truth', reason });
  }
  const vectors = new Float32Array(new SharedArrayBuffer(4 * numbers));
  for (let row = 0; row < source.rowCount; row++) {
    const vector = vectorOf(name, source, row);
    if (vector.length !== dimension) {
      const reason = `expected ${dimension} numbers in row ${row + 1}, found ${vector.length}`;
      throw new LoadgenError('DATA_NOT_USABLE', { feeder: name, source: 'truth', reason });
    }
    vectors.set(vector, row * dimension);
  }
  return { vectors, dimension };
}

interface Searched {
  readonly truth: ExactTruthSpec;
  readonly vectors: Float32Array;
  readonly dimension: number;
  readonly width: number;
}

function writeNeighbors(
  writer: NpyWriter,
  found: readonly Nearest[],
  { truth, vectors, dimension, width }: Searched,
): void {
  const longest = Math.max(...found.map(({ longestSquared }) => longestSquared));
  const doubles = Float64Array.from(vectors);
  const count = vectors.length / dimension;
  for (let query = 0; query < count; query++) {
    const tolerance = toleranceOf(truth.metric, {
      query: squaredLength(doubles, query * dimension, dimension),
      rows: longest,
    });
    const all = found.flatMap((one) => nearestOf(one, query, width));
    all.sort((one, other) => one.distance - other.distance || one.id - other.id);
    const last = all[Math.min(truth.k, all.length) - 1]?.distance ?? 0;
    const kept = all
      .slice(0, width)
      .filter(({ distance }, at) => at < truth.k || distance <= last + tolerance);
    const row = new Float64Array(HEAD_NUMBERS + 2 * width);
    row[0] = kept.length;
    row[1] = tolerance;
    for (const [at, { id, distance }] of kept.entries()) {
      row[HEAD_NUMBERS + at] = id;
      row[HEAD_NUMBERS + width + at] = distance;
    }
    writer.write(row);
  }
}

function nearestOf({ sizes, ids, distances }: Nearest, query: number, width: number) {
  return Array.from({ length: sizes[query]! }, (_, at) => ({
    id: ids[query * width + at]!,
    distance: distances[query * width + at]!,
  }));
}
