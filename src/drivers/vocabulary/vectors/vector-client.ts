import type { IndexSettings, MadeIndex } from './index-settings.ts';
import type { CreateCall, DeleteCall, DropCall, SearchCall, WriteCall } from './vector-calls.ts';
import type { Found } from './vector-result.ts';

/** How far a collection has come. */
export interface Progress {
  /** Rows that the server counts. */
  readonly rows: number;
  /** A search finds rows. */
  readonly isSearchable: boolean;
  /** No row waits for the index, as far as the server tells. */
  readonly isIndexed: boolean;
  /** Of an index that had waited for its rows, at the look that made it. */
  readonly made?: MadeIndex;
}

/**
 * What a client of a vector database does, as promises: the set-up verbs of every target, and all
 * verbs of one with `client: sdk`. It retries nothing. What it throws `failureOf` understands.
 */
export interface VectorClient {
  /** False when the server cannot be reached. */
  connect(): Promise<boolean>;
  create(call: CreateCall, signal: AbortSignal): Promise<void>;
  /** What the server says that it keeps of a collection that `create` made. */
  settings(collection: string, signal: AbortSignal): Promise<IndexSettings>;
  write(call: WriteCall, signal: AbortSignal): Promise<void>;
  search(call: SearchCall, signal: AbortSignal): Promise<Found>;
  delete(call: DeleteCall, signal: AbortSignal): Promise<void>;
  drop(call: DropCall, signal: AbortSignal): Promise<void>;
  progress(collection: string, signal: AbortSignal): Promise<Progress>;
  /** The outcome of what was thrown, and in words of a bounded set. */
  failureOf(thrown: unknown): Failure;
  close(): void;
}

export interface Failure {
  /** Index in OUTCOMES. */
  readonly outcome: number;
  readonly reason: string;
}
