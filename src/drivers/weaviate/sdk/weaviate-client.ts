import weaviate, {
  Filters,
  type Collection,
  type FilterValue,
  type WeaviateClient,
} from 'weaviate-client';
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
import type { Condition } from '../../vocabulary/vectors/vector-filter.ts';
import { idOfUuid, uuidOfId } from '../../vocabulary/vectors/vector-ids.ts';
import type { Found } from '../../vocabulary/vectors/vector-result.ts';
import type { VectorMetric } from '../../vocabulary/vectors/vector-schemas.ts';
import { className, grpcPortOf, type WeaviateTargetOptions } from '../weaviate-config.ts';

const DISTANCES: Readonly<Record<VectorMetric, string>> = {
  l2: 'l2-squared',
  cosine: 'cosine',
  ip: 'dot',
};

const TYPES = { int: 'int', float: 'number', text: 'text', bool: 'boolean' } as const;

/** What of a class’s `vectorIndexConfig` is read; a flat one has the distance alone. */
interface WeaviateIndex {
  readonly distance?: string;
  readonly maxConnections?: number;
  readonly efConstruction?: number;
  /** −1: it follows `k`. */
  readonly ef?: number;
}

/** Ids in one request to delete them. */
const DELETED_AT_ONCE = 1_000;

const LONGEST_SECONDS = 24 * 60 * 60;

/** What a row was refused for, which the client gives back instead of throwing it. */
class RowsRefused extends Error {
  override readonly name = 'RowsRefused';
}

/** Connects Weaviate's own client; it asks for nothing before it is used. */
export async function connectWeaviate(context: DriverContext): Promise<VectorClient> {
  const options = context.options as Partial<WeaviateTargetOptions>;
  const url = new URL(context.url);
  const isSecure = url.protocol === 'https:';
  const client = await weaviate.connectToCustom({
    httpHost: url.hostname,
    httpPort: Number(url.port || (isSecure ? 443 : 80)),
    httpSecure: isSecure,
    grpcHost: url.hostname,
    grpcPort: grpcPortOf(context.url, options),
    grpcSecure: isSecure,
    skipInitChecks: true,
    // The step's own timeout decides.
    timeout: { query: LONGEST_SECONDS, insert: LONGEST_SECONDS },
    ...(options.headers !== undefined && { headers: options.headers }),
  });
  return new WeaviateSdkClient(client);
}

/**
 * Weaviate through its own client. It asks again up to five times where a server is UNAVAILABLE,
 * which it has no switch for.
 */
class WeaviateSdkClient implements VectorClient {
  readonly #client: WeaviateClient;

  constructor(client: WeaviateClient) {
    this.#client = client;
  }

  async connect(): Promise<boolean> {
    return this.#client.isLive().catch(() => false);
  }

  async create({ collection, metric, index, fields }: CreateCall): Promise<void> {
    const { kind, m, efConstruction, ef, body } = index;
    const own = kind === 'hnsw' ? { maxConnections: m, efConstruction, ef } : {};
    const given = Object.entries(own).filter(([, value]) => value !== undefined);
    await this.#client.collections.createFromSchema({
      class: className(collection),
      vectorizer: 'none',
      vectorIndexType: kind,
      vectorIndexConfig: { distance: DISTANCES[metric], ...Object.fromEntries(given), ...body },
      properties: Object.entries(fields).map(([name, type]) => ({
        name,
        dataType: [TYPES[type]],
        // Whole texts are compared, not the words in them.
        ...(type === 'text' && { tokenization: 'field' }),
      })),
    });
  }

  async settings(collection: string): Promise<IndexSettings> {
    const schema = await this.#client.collections.exportToJson(className(collection));
    const kept = (schema.vectorIndexConfig ?? {}) as WeaviateIndex;
    return {
      kind: schema.vectorIndexType,
      metric: wordOf(DISTANCES, kept.distance),
      m: kept.maxConnections,
      efConstruction: kept.efConstruction,
      ef: kept.ef,
    };
  }

  async write({ collection, ids, vectors, fields }: WriteCall): Promise<void> {
    const names = Object.keys(fields);
    const rows = ids.map((id, row) => ({
      id: uuidOfId(id),
      vectors: Array.from(vectors[row]!),
      properties: Object.fromEntries(names.map((name) => [name, fields[name]![row] as string])),
    }));
    const answer = await this.#collection(collection).data.insertMany(rows);
    const [first] = Object.values(answer.errors);
    if (first !== undefined) throw new RowsRefused(first.message);
  }

  async search({ settings, vector }: SearchCall, signal: AbortSignal): Promise<Found> {
    const collection = this.#collection(settings.collection);
    const filters = filtersOf(collection, settings.filter);
    const options = {
      limit: settings.k,
      returnMetadata: ['distance' as const],
      returnProperties: [...settings.fields],
      ...(filters !== undefined && { filters }),
    };
    const { objects } = await collection.query.nearVector(Array.from(vector), options, {
      abortSignal: signal,
    });
    return {
      ids: objects.map(({ uuid }) => idOfUuid(uuid)),
      distances: objects.map(({ metadata }) => metadata?.distance ?? Number.NaN),
      fields: settings.fields.length === 0 ? undefined : objects.map((each) => each.properties),
    };
  }

  async delete({ collection: name, ids, filter }: DeleteCall): Promise<void> {
    const collection = this.#collection(name);
    if (ids === undefined) {
      await collection.data.deleteMany(filtersOf(collection, filter)!);
      return;
    }
    for (let from = 0; from < ids.length; from += DELETED_AT_ONCE) {
      const some = ids.slice(from, from + DELETED_AT_ONCE).map(uuidOfId);
      await collection.data.deleteMany(collection.filter.byId().containsAny(some));
    }
  }

  async drop({ collection }: DropCall): Promise<void> {
    await this.#client.collections.delete(className(collection));
  }

  async progress(name: string): Promise<Progress> {
    const collection = this.#collection(name);
    const { totalCount: rows } = await collection.aggregate.overAll();
    if (rows === 0) return { rows, isSearchable: false, isIndexed: false };
    const { objects } = await collection.query.fetchObjects({ limit: 1, includeVector: true });
    const vector = Object.values(objects[0]?.vectors ?? {})[0] as number[] | undefined;
    const found = vector && (await collection.query.nearVector(vector, { limit: 1 }));
    const isSearchable = (found?.objects.length ?? 0) > 0;
    const nodes = await this.#client.cluster.nodes({
      collection: className(name),
      output: 'verbose',
    });
    const shards = nodes.flatMap((node) => node.shards ?? []);
    const isIndexed = shards.every(
      ({ vectorQueueLength, vectorIndexingStatus }) =>
        vectorQueueLength === 0 && vectorIndexingStatus === 'READY',
    );
    return { rows, isSearchable, isIndexed };
  }

  failureOf(thrown: unknown): Failure {
    const reason = idless(reasonOf(thrown));
    if (/UNAVAILABLE|ECONNREFUSED|fetch failed/.test(reason)) {
      return { outcome: OUTCOME.connection_lost, reason };
    }
    if (reason.includes('RESOURCE_EXHAUSTED')) return { outcome: OUTCOME.rejected, reason };
    return { outcome: OUTCOME.status_error, reason };
  }

  close(): void {
    void this.#client.close().catch(() => {});
  }

  #collection(name: string): Collection {
    return this.#client.collections.use(className(name));
  }
}

function filtersOf(
  collection: Collection,
  conditions: readonly Condition[],
): FilterValue | undefined {
  const each = conditions.map(({ field, operator, value }) => {
    const on = collection.filter.byProperty(field);
    const one = value as number;
    const many = value as readonly number[];
    switch (operator) {
      case 'eq':
        return on.equal(one);
      case 'ne':
        return on.notEqual(one);
      case 'gt':
        return on.greaterThan(one);
      case 'gte':
        return on.greaterOrEqual(one);
      case 'lt':
        return on.lessThan(one);
      case 'lte':
        return on.lessOrEqual(one);
      case 'in':
        return on.containsAny([...many]);
    }
  });
  return each.length < 2 ? each[0] : Filters.and(...each);
}

/** Without what differs from one request to the next. */
function idless(message: string): string {
  return message.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '…');
}
