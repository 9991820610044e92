import type { OperationSlots } from '../../measure/metrics/operation-slots.ts';
import { OUTCOME } from '../../measure/metrics/outcome.ts';
import type { Session } from '../driver.ts';
import type { PostgresSession } from '../vocabulary/postgres/postgres-session.ts';
import { VectorResult } from '../vocabulary/vectors/vector-result.ts';
import type { PgvectorRequest } from './pgvector-requests.ts';

/** A session of PostgreSQL whose answers are read as those of a vector database. */
export class PgvectorSession implements Session {
  readonly #postgres: PostgresSession;
  readonly #slots: OperationSlots;
  readonly #result = new VectorResult();

  constructor(postgres: PostgresSession, slots: OperationSlots) {
    this.#postgres = postgres;
    this.#slots = slots;
  }

  get usable(): boolean {
    return this.#postgres.usable;
  }

  get result(): Readonly<Record<string, unknown>> {
    return this.#result as unknown as Readonly<Record<string, unknown>>;
  }

  connect(): Promise<boolean> {
    return this.#postgres.connect();
  }

  execute(given: unknown, slot: number, ended: () => void): void {
    const { postgres, read } = given as PgvectorRequest;
    this.#result.clear();
    this.#postgres.execute(postgres, slot, () => {
      if (this.#slots.outcome[slot] === OUTCOME.ok) {
        this.#result.fill(read(this.#postgres.answer));
      }
      ended();
    });
  }

  abort(slot: number, outcome: number): void {
    this.#postgres.abort(slot, outcome);
  }

  close(): void {
    this.#postgres.close();
  }
}
