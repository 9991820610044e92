import type { Exchange } from '../../wire/postgres/exchange.ts';
import type { RowStore } from '../../wire/postgres/row-store.ts';

/** What all operations of one step have in common. */
export interface PostgresOperation {
  readonly timeoutNs: number;
  /** What is said, one after the other; an error ends it. */
  readonly exchanges: readonly Exchange[];
  /** How often a transaction that the server gave up is begun again. */
  readonly retries: number;
  /** It ends what it begins: whatever an error leaves open is rolled back. */
  readonly isTransaction: boolean;
  /** The last store that may hold the result, or NO_STORE. */
  readonly resultStore: number;
  /** Stores by the names of their statements. */
  readonly namedStores: Readonly<Record<string, number>>;
}

/** The values of an exchange that are taken from rows that came before it, in bytes. */
export type LatePayload = (stores: readonly RowStore[]) => string;

/** Values that a statement asks for are not among the rows that came. */
export class MissingRow extends Error {
  override readonly name = 'MissingRow';
}

/** One operation, ready to be sent. */
export interface PostgresRequest {
  readonly operation: PostgresOperation;
  /** For each exchange. */
  readonly payloads: readonly (string | LatePayload)[];
}
