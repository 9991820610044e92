import {
  ConsistencyLevelEnum,
  DataType,
  ErrorCode,
  MilvusClient,
  type FieldType,
  type ResStatus,
} from '@zilliz/milvus2-sdk-node';
import { reasonOf } from '../../../base/errors/loadgen-error.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { DriverContext } from '../../driver.ts';
import { wordOf, type IndexSettings } from '../../vocabulary/vectors/index-settings.ts';
import type {
  CreateCall,
  DeleteCall,
  DropCall,
  SearchCall,
  WriteCall,
} from '../../vocabulary/vectors/vector-calls.ts';
import type { Failure, Progress, VectorClient } from '../../vocabulary/vectors/vector-client.ts';
import { idOfText, integerId } from '../../vocabulary/vectors/vector-ids.ts';
import type { Found } from '../../vocabulary/vectors/vector-result.ts';
import { MILVUS_INDEXES, MILVUS_METRICS, type MilvusTargetOptions } from '../milvus-config.ts';
import { expressionOf, idsExpression, searchParameters } from '../milvus-filter.ts';

const TYPES = {
  int: DataType.Int64,
  float: DataType.Double,
  text: DataType.VarChar,
  bool: DataType.Bool,
} as const;

const CONSISTENCY = {
  strong: 'Strong',
  session: 'Session',
  bounded: 'Bounded',
  eventually: 'Eventually',
} as const;

/** The longest text that Milvus takes. */
const TEXT_LIMIT = 65_535;

let clients = 0;

/** Milvus answers every call and says within the answer that it failed. */
class MilvusFailure extends Error {
  override readonly name = 'MilvusFailure';
}

/** Milvus through its own SDK: as many calls at once as VUs, and no retries. */
export class MilvusSdkClient implements VectorClient {
  readonly #client: MilvusClient;
  readonly #consistency: string;
  /** Rows that the last look counted, by collection. */
  readonly #rowsBefore = new Map<string, number>();
  /** Rows that were there when it was last told to close its segments. */
  readonly #flushed = new Map<string, number>();
  readonly #reloaded = new Map<string, number>();

  constructor({ url: text, slots, options }: DriverContext) {
    const { token, database, consistency = 'bounded' } = options as Partial<MilvusTargetOptions>;
    const { host, protocol } = new URL(text);
    this.#consistency = CONSISTENCY[consistency];
    this.#client = new MilvusClient({
      address: host,
      ssl: protocol === 'https:' || protocol === 'grpcs:',
      // Each call holds a place of the pool until its answer: fewer would be a limit of the client.
      pool: { min: 1, max: slots.count },
      maxRetries: 0,
      // Else whole numbers come as texts.
      loaderOptions: { longs: Number },
      // Clients with equal options share connections in grpc-js, and one that is made while such a
      // connection waits to be tried again fails at once, even where that of a client before it.
      channelOptions: { 'loadgen.client': ++clients },
      ...(token !== undefined && { token }),
      ...(database !== undefined && { database }),
    });
    // Whoever makes a call hears of it.
    this.#client.connectPromise.catch(() => {});
  }

  async connect(): Promise<boolean> {
    try {
      await this.#client.connectPromise;
      return (await this.#client.checkHealth()).isHealthy;
    } catch {
      return false;
    }
  }

  async create(call: CreateCall): Promise<void> {
    const { collection, dimension, fields } = call;
    const columns = Object.entries(fields).map(([name, type]) => ({
      name,
      data_type: TYPES[type],
      ...(type === 'text' && { max_length: TEXT_LIMIT }),
    }));
    const has = await this.#client.hasCollection({ collection_name: collection });
    // Milvus itself says nothing where the same collection is made again.
    if (has.value === true) throw new MilvusFailure('the collection is there already');
    checked(
      await this.#client.createCollection({
        collection_name: collection,
        fields: [
          { name: 'id', data_type: DataType.Int64, is_primary_key: true },
          { name: 'vector', data_type: DataType.FloatVector, dim: dimension },
          ...(columns as FieldType[]),
        ],
        consistency_level: this.#consistency,
      }),
    );
    try {
      await this.#index(call);
    } catch (thrown) {
      // A collection without its index is none that anything can be done with.
      await this.#client.dropCollection({ collection_name: collection });
      throw thrown;
    }
  }

  async settings(collection_name: string): Promise<IndexSettings> {
    const { status, index_descriptions } = await this.#client.describeIndex({ collection_name });
    checked(status);
    const said = Object.fromEntries(
      (index_descriptions[0]?.params ?? []).map(({ key, value }) => [key, String(value)]),
    );
    return settingsSaid(said);
  }

  async write({ verb, collection, ids, vectors, fields }: WriteCall): Promise<void> {
    const names = Object.keys(fields);
    const data = ids.map((id, row) => ({
      id: integerId(id),
      vector: Array.from(vectors[row]!),
      ...Object.fromEntries(names.map((name) => [name, fields[name]![row] as number])),
    }));
    const rows = { collection_name: collection, data };
    const { status } = await (verb === 'update'
      ? this.#client.upsert(rows)
      : this.#client.insert(rows));
    checked(status);
  }

  async search({ settings, vector }: SearchCall): Promise<Found> {
    const { collection, k, filter, fields } = settings;
    const { status, results } = await this.#client.search({
      collection_name: collection,
      data: Array.from(vector),
      anns_field: 'vector',
      limit: k,
      params: searchParameters(settings),
      output_fields: ['id', ...fields],
      filter: expressionOf(filter),
    });
    checked(status);
    return {
      ids: results.map(({ id }) => idOfText(id)),
      distances: results.map(({ score }) => score),
      fields: fields.length === 0 ? undefined : results,
    };
  }

  async delete({ collection, ids, filter }: DeleteCall): Promise<void> {
    const expression = ids === undefined ? expressionOf(filter) : idsExpression(ids);
    const { status } = await this.#client.delete({
      collection_name: collection,
      filter: expression,
    });
    checked(status);
  }

  async drop({ collection }: DropCall): Promise<void> {
    const has = await this.#client.hasCollection({ collection_name: collection });
    checked(has.status);
    if (has.value !== true) return;
    checked(await this.#client.dropCollection({ collection_name: collection }));
  }

  /**
   * Once no more rows come the growing segments are closed, indexed and loaded again: until then
   * they are searched row by row.
   */
  async progress(collection: string): Promise<Progress> {
    const collection_name = collection;
    const level = { consistency_level: ConsistencyLevelEnum.Strong };
    const counted = await this.#client.count({ collection_name, expr: '', ...level });
    checked(counted.status);
    const rows = Number(counted.data);
    if (rows === 0) return { rows, isSearchable: false, isIndexed: false };
    const isStill = rows === this.#rowsBefore.get(collection);
    this.#rowsBefore.set(collection, rows);
    if (isStill && this.#flushed.get(collection) !== rows) {
      checked((await this.#client.flushSync({ collection_names: [collection] })).status);
      this.#flushed.set(collection, rows);
    }
    const isSearchable = await this.#isSearchable(collection);
    const isIndexed = this.#flushed.get(collection) === rows && (await this.#isIndexed(collection));
    if (isIndexed && this.#reloaded.get(collection) !== rows) {
      checked(await this.#client.refreshLoad({ collection_name }));
      this.#reloaded.set(collection, rows);
    }
    return { rows, isSearchable, isIndexed };
  }

  failureOf(thrown: unknown): Failure {
    const reason = reasonOf(thrown)
      .replaceAll(/\d{9,}/g, '…')
      .slice(0, 200);
    if (/UNAVAILABLE|ECONNREFUSED|CONNECT/.test(reason)) {
      return { outcome: OUTCOME.connection_lost, reason };
    }
    if (reason.includes('DEADLINE_EXCEEDED')) return { outcome: OUTCOME.timeout, reason };
    const isRejected = /RESOURCE_EXHAUSTED|rate limit/i.test(reason);
    return { outcome: isRejected ? OUTCOME.rejected : OUTCOME.status_error, reason };
  }

  close(): void {
    void this.#client.closeConnection().catch(() => {});
  }

  async #index({ collection, metric, index }: CreateCall): Promise<void> {
    checked(
      await this.#client.createIndex({
        collection_name: collection,
        field_name: 'vector',
        index_type: MILVUS_INDEXES[index.kind]!,
        metric_type: MILVUS_METRICS[metric],
        params: indexParameters(index),
      }),
    );
    checked(await this.#client.loadCollectionSync({ collection_name: collection }));
  }

  async #isSearchable(collection_name: string): Promise<boolean> {
    const some = await this.#client.query({
      collection_name,
      filter: 'id >= 0',
      output_fields: ['vector'],
      limit: 1,
    });
    checked(some.status);
    const vector = some.data[0]?.['vector'] as number[] | undefined;
    if (vector === undefined) return false;
    const found = await this.#client.search({ collection_name, data: vector, limit: 1 });
    return found.results.length > 0;
  }

  async #isIndexed(collection_name: string): Promise<boolean> {
    const { status, index_descriptions: described } = await this.#client.describeIndex({
      collection_name,
    });
    checked(status);
    return described.every(({ pending_index_rows: rows }) => Number(rows) === 0);
  }
}

function checked({ error_code: code, reason }: ResStatus): void {
  if (code !== ErrorCode.SUCCESS && (code as unknown) !== 0) throw new MilvusFailure(reason);
}

/**
 * Parameters stand beside kind and metric, or in `params` as JSON. Its `M` is of the graph, its `m`
 * of the product quantiser.
 */
function settingsSaid({ index_type, metric_type, params, ...rest }: Record<string, string>) {
  const all = { ...rest, ...(JSON.parse(params ?? '{}') as Record<string, string | number>) };
  const number = (name: string) => (all[name] === undefined ? undefined : Number(all[name]));
  return {
    kind: wordOf(MILVUS_INDEXES, index_type),
    metric: wordOf(MILVUS_METRICS, metric_type),
    m: number('M'),
    efConstruction: number('efConstruction'),
    lists: number('nlist'),
    subvectors: number('m'),
    bits: number('nbits'),
  } satisfies IndexSettings;
}

/** Milvus has no values of its own for these. */
function indexParameters(index: CreateCall['index']): Record<string, unknown> {
  const { kind, m = 16, efConstruction = 200, lists = 128, subvectors = 8, bits = 8, body } = index;
  const own: Record<string, unknown> = {};
  if (kind === 'hnsw') Object.assign(own, { M: m, efConstruction });
  if (kind.startsWith('ivf')) own['nlist'] = lists;
  if (kind === 'ivf-pq') Object.assign(own, { m: subvectors, nbits: bits });
  return { ...own, ...body };
}
