import { reasonOf } from '../../../base/errors/loadgen-error.ts';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import type { IndexSettings } from './index-settings.ts';
import type { CreateCall, DeleteCall, DropCall, SearchCall, WriteCall } from './vector-calls.ts';
import type { Failure, Progress, VectorClient } from './vector-client.ts';
import type { Found } from './vector-result.ts';

/**
 * A client that is loaded with the first call: official clients take up to a second to load, which
 * a target that is searched over our own sockets only need not wait for.
 */
export class LazyClient implements VectorClient {
  readonly #load: () => Promise<VectorClient>;
  #loading: Promise<VectorClient> | undefined;
  #client: VectorClient | undefined;

  constructor(load: () => Promise<VectorClient>) {
    this.#load = load;
  }

  async connect(): Promise<boolean> {
    return (await this.#loaded()).connect();
  }

  async create(call: CreateCall, signal: AbortSignal): Promise<void> {
    return (await this.#loaded()).create(call, signal);
  }

  async settings(collection: string, signal: AbortSignal): Promise<IndexSettings> {
    return (await this.#loaded()).settings(collection, signal);
  }

  async write(call: WriteCall, signal: AbortSignal): Promise<void> {
    return (await this.#loaded()).write(call, signal);
  }

  async search(call: SearchCall, signal: AbortSignal): Promise<Found> {
    return (await this.#loaded()).search(call, signal);
  }

  async delete(call: DeleteCall, signal: AbortSignal): Promise<void> {
    return (await this.#loaded()).delete(call, signal);
  }

  async drop(call: DropCall, signal: AbortSignal): Promise<void> {
    return (await this.#loaded()).drop(call, signal);
  }

  async progress(collection: string, signal: AbortSignal): Promise<Progress> {
    return (await this.#loaded()).progress(collection, signal);
  }

  failureOf(thrown: unknown): Failure {
    // Without a client it is the loading that failed.
    if (this.#client === undefined) {
      return { outcome: OUTCOME.connect_failed, reason: reasonOf(thrown) };
    }
    return this.#client.failureOf(thrown);
  }

  close(): void {
    this.#client?.close();
  }

  async #loaded(): Promise<VectorClient> {
    if (this.#client !== undefined) return this.#client;
    this.#loading ??= this.#load();
    return (this.#client = await this.#loading);
  }
}
