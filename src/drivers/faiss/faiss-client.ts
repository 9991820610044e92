import { OUTCOME } from '../../measure/metrics/outcome.ts';
import { LoadgenError, reasonOf } from '../../base/errors/loadgen-error.ts';
import { outcomeOfStatus } from '../vocabulary/http/http-outcome.ts';
import type { IndexSettings } from '../vocabulary/vectors/index-settings.ts';
import type { CreateCall, DropCall } from '../vocabulary/vectors/vector-calls.ts';
import type { Failure, Progress, VectorClient } from '../vocabulary/vectors/vector-client.ts';

const NOT_FOUND = 404;

/** The server answered that it cannot. */
class FaissFailure extends Error {
  override readonly name = 'FaissFailure';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Described {
  readonly rows: number;
  readonly indexed: boolean;
  readonly metric: string;
  /** In the words of `create`; only what an index of its kind has. */
  readonly index: IndexSettings;
}

/** What is set up on servers/faiss; all else goes over sockets of our own. */
export class FaissClient implements VectorClient {
  readonly #url: string;
  /** Rows that the last look counted, by collection. */
  readonly #rowsBefore = new Map<string, number>();

  constructor(url: string) {
    this.#url = url.replace(/\/$/, '');
  }

  connect(): Promise<boolean> {
    return this.#ask('GET', '/health').then(
      () => true,
      () => false,
    );
  }

  async create({ collection, dimension, metric, index }: CreateCall, signal: AbortSignal) {
    const { body, ...settings } = index;
    const wanted = { dimension, metric, index: { ...settings, ...body } };
    await this.#ask('POST', pathOf(collection), { body: JSON.stringify(wanted), signal });
  }

  async settings(collection: string, signal: AbortSignal): Promise<IndexSettings> {
    const { metric, index } = await this.#describe(collection, signal);
    return { ...index, metric };
  }

  async drop({ collection }: DropCall, signal: AbortSignal): Promise<void> {
    try {
      await this.#ask('DELETE', pathOf(collection), { signal });
    } catch (thrown) {
      if (!(thrown instanceof FaissFailure) || thrown.status !== NOT_FOUND) throw thrown;
    }
  }

  /** An index that waits for more rows to be trained with is trained once no more come. */
  async progress(collection: string, signal: AbortSignal): Promise<Progress> {
    const path = pathOf(collection);
    let described = await this.#describe(collection, signal);
    const { rows } = described;
    if (!described.indexed && rows > 0 && rows === this.#rowsBefore.get(collection)) {
      described = (await this.#ask('POST', `${path}/train`, { signal })) as Described;
    }
    this.#rowsBefore.set(collection, rows);
    return { rows, isSearchable: rows > 0, isIndexed: rows > 0 && described.indexed };
  }

  write(): Promise<never> {
    return Promise.reject(onRawPath());
  }

  search(): Promise<never> {
    return Promise.reject(onRawPath());
  }

  delete(): Promise<never> {
    return Promise.reject(onRawPath());
  }

  failureOf(thrown: unknown): Failure {
    if (thrown instanceof FaissFailure) {
      const { status, message } = thrown;
      return { outcome: outcomeOfStatus(status), reason: `status ${status}: ${message}` };
    }
    const { cause } = thrown as { readonly cause?: NodeJS.ErrnoException };
    const reason = cause?.code ?? reasonOf(thrown);
    const isRefused = cause?.code === 'ECONNREFUSED';
    return { outcome: isRefused ? OUTCOME.connect_failed : OUTCOME.connection_lost, reason };
  }

  close(): void {
    this.#rowsBefore.clear();
  }

  async #describe(collection: string, signal: AbortSignal): Promise<Described> {
    return (await this.#ask('GET', pathOf(collection), { signal })) as Described;
  }

  async #ask(method: string, path: string, init: RequestInit = {}): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, { method, ...init });
    const answer = (await response.json()) as { readonly message?: string };
    if (!response.ok) throw new FaissFailure(response.status, answer.message ?? '');
    return answer;
  }
}

function pathOf(collection: string): string {
  return `/collections/${encodeURIComponent(collection)}`;
}

function onRawPath(): LoadgenError {
  return new LoadgenError('BUG', { reason: 'a verb of the raw path of faiss came to its client' });
}
