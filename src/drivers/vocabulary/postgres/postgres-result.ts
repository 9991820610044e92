import type { PostgresChannel } from '../../wire/postgres/channel.ts';
import { NO_STORE } from '../../wire/postgres/exchange.ts';
import type { Row } from '../../wire/postgres/row-store.ts';
import type { ServerError } from '../../wire/postgres/server-error.ts';
import type { PostgresOperation } from './postgres-operation.ts';

/** SQLSTATE 00000: successful completion. */
const SUCCESS = '00000';

/**
 * The fields of the last answer, read from its bytes when an expression asks for them. Everything
 * is undefined while there is no answer, and so are rows that the step did not ask for.
 */
export class PostgresResult {
  readonly #channel: PostgresChannel;
  #operation: PostgresOperation | undefined;
  #error: ServerError | undefined;

  constructor(channel: PostgresChannel) {
    this.#channel = channel;
  }

  /** Of the last statement that gives any. */
  get rows(): readonly Row[] | undefined {
    return this.#rowsOf(this.#lastStore());
  }

  /** One column of `rows`, the others unread; nothing where they have none of that name. */
  valuesOf(column: string): readonly unknown[] {
    return this.#channel.stores[this.#lastStore()]?.valuesOf(column) ?? [];
  }

  /** Rows by the name of the statement that gave them. */
  get results(): Readonly<Record<string, readonly Row[] | undefined>> | undefined {
    if (this.#operation === undefined) return undefined;
    const named = Object.entries(this.#operation.namedStores);
    return Object.fromEntries(named.map(([name, store]) => [name, this.#rowsOf(store)]));
  }

  get rowCount(): number | undefined {
    return this.#operation && this.#channel.rowsAffected;
  }

  get code(): string | undefined {
    return this.#operation && (this.#error?.code ?? SUCCESS);
  }

  get message(): string | undefined {
    return this.#operation && (this.#error?.message ?? '');
  }

  fill(operation: PostgresOperation, error: ServerError | undefined): void {
    this.#operation = operation;
    this.#error = error;
  }

  clear(): void {
    this.#operation = undefined;
    this.#error = undefined;
  }

  #lastStore(): number {
    const { resultStore } = this.#operation ?? { resultStore: NO_STORE };
    for (let store = resultStore; store > 0; store--) {
      if (this.#channel.stores[store]?.columns !== undefined) return store;
    }
    return Math.min(resultStore, 0);
  }

  #rowsOf(store: number): readonly Row[] | undefined {
    if (store === NO_STORE) return undefined;
    return this.#channel.stores[store]?.rows ?? [];
  }
}
