import { ChromaClient, type Collection, type Metadata, type Where } from 'chromadb';
import { LoadgenError } from '../../../base/errors/loadgen-error.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { DriverContext } from '../../driver.ts';
import type { IndexSettings } from '../../vocabulary/vectors/index-settings.ts';
import type {
  CreateCall,
  DeleteCall,
  DropCall,
  SearchCall,
  WriteCall,
} from '../../vocabulary/vectors/vector-calls.ts';
import type { Failure, Progress, VectorClient } from '../../vocabulary/vectors/vector-client.ts';
import type { Found } from '../../vocabulary/vectors/vector-result.ts';
import type { ChromaTargetOptions } from '../chroma-config.ts';
import { foundOf } from '../chroma-answer.ts';
import { metadatasOf, whereOf } from '../chroma-where.ts';

const HTTPS_PORT = 443;
const HTTP_PORT = 80;

/** Chroma through its own client, which sends one `fetch` a call and retries nothing. */
export class ChromaSdkClient implements VectorClient {
  readonly #client: ChromaClient;
  /** By name: a request needs the id of its collection, which the client asks for once. */
  readonly #collections = new Map<string, Promise<Collection>>();

  constructor({ url: text, options }: DriverContext) {
    const { headers, tenant, database } = options as ChromaTargetOptions;
    const url = new URL(text);
    const ssl = url.protocol === 'https:';
    this.#client = new ChromaClient({
      host: url.hostname,
      port: Number(url.port || (ssl ? HTTPS_PORT : HTTP_PORT)),
      ssl,
      tenant,
      database,
      ...(headers !== undefined && { headers }),
    });
  }

  async connect(): Promise<boolean> {
    try {
      await this.#client.heartbeat();
      return true;
    } catch {
      return false;
    }
  }

  async create({ collection, metric, index, fields: _typesAreNotDeclared }: CreateCall) {
    const { m, efConstruction, ef, body } = index;
    const hnsw = {
      space: metric,
      ...(m !== undefined && { max_neighbors: m }),
      ...(efConstruction !== undefined && { ef_construction: efConstruction }),
      ...(ef !== undefined && { ef_search: ef }),
      ...body,
    };
    this.#collections.delete(collection);
    await this.#client.createCollection({
      name: collection,
      embeddingFunction: null,
      configuration: { hnsw },
    });
  }

  async settings(collection: string): Promise<IndexSettings> {
    const { hnsw } = (await this.#collection(collection)).configuration;
    return {
      // It has one other kind, which its cloud keeps.
      kind: hnsw ? 'hnsw' : undefined,
      metric: hnsw?.space ?? undefined,
      m: hnsw?.max_neighbors ?? undefined,
      efConstruction: hnsw?.ef_construction ?? undefined,
      ef: hnsw?.ef_search ?? undefined,
    };
  }

  async write({ verb, collection, ids, vectors, fields }: WriteCall): Promise<void> {
    const found = await this.#collection(collection);
    const metadatas = metadatasOf(fields, ids.length) as Metadata[] | undefined;
    const rows = {
      ids: ids.map(String),
      embeddings: vectors.map((vector) => Array.from(vector)),
      ...(metadatas !== undefined && { metadatas }),
    };
    await (verb === 'update' ? found.update(rows) : found.add(rows));
  }

  async search({ settings, vector }: SearchCall): Promise<Found> {
    const found = await this.#collection(settings.collection);
    const where = whereOf(settings.filter) as Where | undefined;
    const answer = await found.query({
      queryEmbeddings: [Array.from(vector)],
      nResults: settings.k,
      include: settings.fields.length > 0 ? ['distances', 'metadatas'] : ['distances'],
      ...(where !== undefined && { where }),
    });
    const result = foundOf(answer);
    if (result === undefined) {
      throw new LoadgenError('BUG', { reason: 'chromadb gave an answer without ids' });
    }
    return result;
  }

  async delete({ collection, ids, filter }: DeleteCall): Promise<void> {
    const found = await this.#collection(collection);
    if (ids === undefined) await found.delete({ where: whereOf(filter) as Where });
    else await found.delete({ ids: ids.map(String) });
  }

  async drop({ collection }: DropCall): Promise<void> {
    this.#collections.delete(collection);
    try {
      await this.#client.deleteCollection({ name: collection });
    } catch (thrown) {
      if (nameOf(thrown) !== 'ChromaNotFoundError') throw thrown;
    }
  }

  /** The local server tells nothing of its index, and looks through rows it has not indexed yet. */
  async progress(collection: string): Promise<Progress> {
    const found = await this.#collection(collection);
    const rows = await found.count();
    if (rows === 0) return { rows, isSearchable: false, isIndexed: false };
    const { embeddings, ids } = await found.get({ limit: 1, include: ['embeddings'] });
    const answer = await found.query({
      queryEmbeddings: [embeddings[0]!],
      nResults: 1,
      include: ['distances'],
    });
    const isSearchable = ids.length > 0 && (answer.ids[0]?.length ?? 0) > 0;
    return { rows, isSearchable, isIndexed: isSearchable };
  }

  failureOf(thrown: unknown): Failure {
    const name = nameOf(thrown);
    // A collection was dropped: one of that name that is made later has another id.
    if (name === 'ChromaNotFoundError') this.#collections.clear();
    const reason = `${name}: ${idless((thrown as Error).message)}`;
    if (name === 'ChromaRateLimitError') return { outcome: OUTCOME.rejected, reason };
    // Its words are the same whether the server was not reached or went away.
    if (name === 'ChromaConnectionError') return { outcome: OUTCOME.connection_lost, reason };
    const isAnswer = name.startsWith('Chroma') || name.startsWith('Invalid');
    return { outcome: isAnswer ? OUTCOME.status_error : OUTCOME.protocol_error, reason };
  }

  close(): void {
    this.#collections.clear();
  }

  #collection(name: string): Promise<Collection> {
    const known = this.#collections.get(name);
    if (known !== undefined) return known;
    const asked = this.#client.getCollection({ name });
    this.#collections.set(name, asked);
    // One that is not there now may be made later.
    asked.catch(() => this.#collections.delete(name));
    return asked;
  }
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : typeof thrown;
}

/** Without what differs from one request to the next, so that equal failures are counted as one. */
function idless(message: string): string {
  return message.replaceAll(/https?:\/\/\S+/g, 'the server').replaceAll(/[0-9a-f-]{36}/g, '…');
}
