import { ExpressionError } from '../../base/expressions/expression-error.ts';
import type { Scope } from '../../base/expressions/template.ts';
import { NS_PER_MS } from '../../base/time/clock.ts';
import type { VerbUse } from '../driver.ts';
import type {
  PostgresOperation,
  PostgresRequest,
} from '../vocabulary/postgres/postgres-operation.ts';
import type { SqlStatement, SqlStatements } from '../vocabulary/postgres/sql-statements.ts';
import type { CollectionRequest } from '../vocabulary/vectors/collection-session.ts';
import {
  compileDelete,
  compileSearch,
  compileWrite,
  type SearchSettings,
  type WriteCall,
} from '../vocabulary/vectors/vector-calls.ts';
import { integerId } from '../vocabulary/vectors/vector-ids.ts';
import type { VectorAnswer } from '../vocabulary/vectors/vector-result.ts';
import { vectorText, type VectorTexts } from '../vocabulary/vectors/vector-texts.ts';
import { utf8Bytes } from '../wire/postgres/byte-text.ts';
import { copyRow } from '../wire/postgres/copy-text.ts';
import { NO_STORE } from '../wire/postgres/exchange.ts';
import { COPY_DONE, copyData, simpleQuery } from '../wire/postgres/frontend-messages.ts';
import { parameterBytes } from '../wire/postgres/parameter-text.ts';
import { quotedName } from '../wire/postgres/sql-text.ts';
import { PgvectorFound, type FoundRows } from './pgvector-answer.ts';
import {
  copyStatement,
  deleteStatement,
  NOTE_STATEMENT,
  searchStatement,
  updateStatement,
  whereOf,
  type TableNote,
} from './pgvector-sql.ts';
import type { SessionSettings } from './search-settings.ts';

/** Statements that differ, over all steps and collections: each is prepared on each connection. */
const STATEMENTS_LIMIT = 1_000;
/** Where the rows of a search go. */
const ROWS = 0;

/** A request and how its answer is read. */
export interface PgvectorRequest {
  readonly postgres: PostgresRequest;
  read(answer: FoundRows): VectorAnswer;
}

interface KnownSearch {
  readonly settings: SearchSettings;
  readonly note: TableNote;
  /** `vector` as PostgreSQL reads one. */
  request(vector: string): PgvectorRequest;
}

/** Makes the requests of one target. */
export class PgvectorRequests {
  readonly #statements: SqlStatements;
  readonly #texts: VectorTexts;
  readonly #settings: SessionSettings;
  readonly #bySql = new Map<string, SqlStatement>();

  constructor(statements: SqlStatements, texts: VectorTexts, settings: SessionSettings) {
    this.#statements = statements;
    this.#texts = texts;
    this.#settings = settings;
  }

  /** Searches have to know how the vectors of their collection are compared. */
  search(use: VerbUse): (scope: Scope) => CollectionRequest<TableNote> {
    this.#settings.add(use);
    const bind = compileSearch(use);
    const lookUp = this.#statement(NOTE_STATEMENT, ROWS);
    let last: KnownSearch | undefined;
    return (scope) => {
      const { settings, vector } = bind(scope);
      return {
        collection: settings.collection,
        lookUp: () => this.#request(use, [[lookUp, [quotedName(settings.collection)]]], () => ({})),
        with: (note) => {
          if (last?.settings !== settings || last.note !== note) {
            last = this.#searchOf(use, settings, note);
          }
          return last.request(this.#texts.textOf(vector));
        },
      };
    };
  }

  /** All of a search but its vector, which alone differs from one to the next as a rule. */
  #searchOf(use: VerbUse, settings: SearchSettings, note: TableNote): KnownSearch {
    const statement = this.#statement(searchStatement(settings, note), ROWS);
    const said = this.#settings
      .ofOne(settings)
      .map((pair) => [this.#statement(SET_STATEMENT, NO_STORE), pair] as const);
    const exchange = this.#statements.exchange([...said.map(([set]) => set), statement]);
    const operation = operationOf(use, exchange, ROWS);
    const front = said.map(([set, values]) => set.payload(values.map(boundOf))).join('');
    const conditions = whereOf(settings.filter, 2).values.map(boundOf);
    const { end } = this.#statements;
    const read: PgvectorRequest['read'] = (answer) => ({
      found: new PgvectorFound(answer, settings),
    });
    return {
      settings,
      note,
      request: (vector) => {
        // Digits and signs are their own bytes.
        const payload = front + statement.payload([vector, ...conditions]) + end;
        return { postgres: { operation, payloads: [payload] }, read };
      },
    };
  }

  /** COPY, which a server takes rows by fastest. */
  ingest(use: VerbUse): (scope: Scope) => PgvectorRequest {
    const bind = compileWrite(use);
    const uses = [{ prepared: undefined, store: NO_STORE }];
    const operation = operationOf(use, { uses, isSimple: true, copies: true }, NO_STORE);
    return (scope) => {
      const call = bind(scope);
      const names = Object.keys(call.fields);
      const begin = simpleQuery(utf8Bytes(copyStatement(call.collection, names)));
      const payload = begin + copyData(copyRows(call)) + COPY_DONE;
      const read = (): VectorAnswer => ({ count: call.ids.length });
      return { postgres: { operation, payloads: [payload] }, read };
    };
  }

  update(use: VerbUse): (scope: Scope) => PgvectorRequest {
    const bind = compileWrite(use);
    return (scope) => {
      const call = bind(scope);
      const sql = updateStatement(call.collection, Object.keys(call.fields));
      const said = [[this.#statement(sql, NO_STORE), [jsonRows(call)]] as const];
      return this.#request(use, said, () => ({ count: call.ids.length }));
    };
  }

  delete(use: VerbUse): (scope: Scope) => PgvectorRequest {
    const bind = compileDelete(use);
    return (scope) => {
      const call = bind(scope);
      const statement = this.#statement(deleteStatement(call), NO_STORE);
      const ids = call.ids?.map(integerId);
      const values = ids === undefined ? whereOf(call.filter, 1).values : [ids];
      return this.#request(use, [[statement, values]], () => ({}));
    };
  }

  #request(
    use: VerbUse,
    said: readonly (readonly [statement: SqlStatement, values: readonly unknown[]])[],
    read: PgvectorRequest['read'],
  ): PgvectorRequest {
    const exchange = this.#statements.exchange(said.map(([statement]) => statement));
    const last = said.at(-1)![0];
    const operation = operationOf(use, exchange, last.use.store);
    const payload = said.map(([statement, values]) => statement.payload(values.map(boundOf)));
    return { postgres: { operation, payloads: [payload.join('') + this.#statements.end] }, read };
  }

  #statement(sql: string, store: number): SqlStatement {
    const known = this.#bySql.get(sql);
    if (known !== undefined) return known;
    if (this.#bySql.size >= STATEMENTS_LIMIT) {
      const reason = `more than ${STATEMENTS_LIMIT} different statements`;
      throw new ExpressionError(reason, { text: sql });
    }
    const statement = this.#statements.add(sql, store);
    this.#bySql.set(sql, statement);
    return statement;
  }
}

const SET_STATEMENT = 'SELECT set_config($1, $2, false)';

function operationOf(
  use: VerbUse,
  exchange: PostgresOperation['exchanges'][number],
  resultStore: number,
): PostgresOperation {
  const timeoutNs = use.timeoutMs * NS_PER_MS;
  const once = { retries: 0, isTransaction: false, namedStores: {} };
  return { timeoutNs, exchanges: [exchange], resultStore, ...once };
}

function copyRows({ ids, vectors, fields }: WriteCall): string {
  const columns = Object.values(fields);
  let rows = '';
  ids.forEach((id, row) => {
    const values = columns.map((column) => boundOf(column[row]));
    rows += copyRow([String(integerId(id)), vectorText(vectors[row]!), ...values]);
  });
  return rows;
}

function jsonRows({ ids, vectors, fields }: WriteCall): string {
  const columns = Object.entries(fields);
  const rows = ids.map((id, row) => ({
    id: integerId(id),
    vector: vectorText(vectors[row]!),
    ...Object.fromEntries(columns.map(([name, values]) => [name, values[row]])),
  }));
  return JSON.stringify(rows);
}

function boundOf(value: unknown): string | null {
  try {
    return parameterBytes(value);
  } catch (error) {
    throw new ExpressionError((error as Error).message, { text: String(value) }, { cause: error });
  }
}
