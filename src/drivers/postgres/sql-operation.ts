import type { Scope } from '../../base/expressions/template.ts';
import { NS_PER_MS } from '../../base/time/clock.ts';
import type { PreparedOperation, VerbUse } from '../driver.ts';
import {
  MissingRow,
  type LatePayload,
  type PostgresOperation,
  type PostgresRequest,
} from '../vocabulary/postgres/postgres-operation.ts';
import type { SqlStatement, SqlStatements } from '../vocabulary/postgres/sql-statements.ts';
import { NO_STORE } from '../wire/postgres/exchange.ts';
import type { RowStore } from '../wire/postgres/row-store.ts';
import { compileBindValue, type BoundValue } from './bind-values.ts';
import type { BindValue, QuerySpec, StatementSpec, TransactionSpec } from './postgres-config.ts';

const NO_VALUES: readonly BoundValue[] = [];

/** One statement on its own. */
export function prepareQuery(use: VerbUse, statements: SqlStatements): PreparedOperation {
  const { sql, bind } = use.spec as QuerySpec;
  const store = use.fieldsRead.has('rows') ? 0 : NO_STORE;
  const statement = statements.add(sql, store);
  const operation: PostgresOperation = {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    exchanges: [statements.exchange([statement])],
    retries: 0,
    isTransaction: false,
    resultStore: store,
    namedStores: {},
  };
  const { end } = statements;
  const values = bind.map((value) => compileBindValue(value, use));
  if (values.length === 0) {
    const request: PostgresRequest = {
      operation,
      payloads: [statement.payload(NO_VALUES) + end],
    };
    return { bind: () => request };
  }
  return {
    bind(scope: Scope): PostgresRequest {
      const bound: BoundValue[] = [];
      for (let i = 0; i < values.length; i++) bound.push(values[i]!(scope));
      return { operation, payloads: [statement.payload(bound) + end] };
    },
  };
}

/** Statements between BEGIN and COMMIT. */
export function prepareTransaction(use: VerbUse, statements: SqlStatements): PreparedOperation {
  const spec = use.spec as TransactionSpec;
  const stores = storesOf(spec, use.fieldsRead);
  const parts: readonly PayloadPart[] = [
    constantPart(statements.add(beginText(spec))),
    ...spec.statements.map((statement, index) =>
      statementPart(statement, statements.add(statement.sql, stores[index]!), {
        use,
        spec,
        stores,
      }),
    ),
    constantPart(statements.add('COMMIT')),
  ];
  const operation: PostgresOperation = {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    exchanges: exchangesOf(spec, parts, statements),
    retries: spec.retries,
    isTransaction: true,
    resultStore: stores.findLast((store) => store !== NO_STORE) ?? NO_STORE,
    namedStores: namedStores(spec, stores),
  };
  const { end } = statements;
  if (spec.pipeline) {
    return {
      bind(scope: Scope): PostgresRequest {
        const said = parts.map((part) => part.payload(scope, '') as string);
        return { operation, payloads: [said.join('') + end] };
      },
    };
  }
  return {
    bind(scope: Scope): PostgresRequest {
      const payloads: (string | LatePayload)[] = [];
      for (let i = 0; i < parts.length; i++) payloads.push(parts[i]!.payload(scope, end));
      return { operation, payloads };
    },
  };
}

/** One statement, and what is said of it in an iteration. */
interface PayloadPart {
  readonly statement: SqlStatement;
  payload(scope: Scope, end: string): string | LatePayload;
}

interface PartContext {
  readonly use: VerbUse;
  readonly spec: TransactionSpec;
  readonly stores: readonly number[];
}

function constantPart(statement: SqlStatement): PayloadPart {
  const payload = statement.payload(NO_VALUES);
  return { statement, payload: (_scope, end) => payload + end };
}

function statementPart(
  { bind }: StatementSpec,
  statement: SqlStatement,
  { use, spec, stores }: PartContext,
): PayloadPart {
  const values = bind.map((value) => (isEarlier(value) ? undefined : compileBindValue(value, use)));
  const earlier = bind.map((value) => earlierOf(value, spec, stores));
  const bound = (scope: Scope): BoundValue[] =>
    values.map((value) => (value === undefined ? null : value(scope)));
  if (earlier.every((value) => value === undefined)) {
    return { statement, payload: (scope, end) => statement.payload(bound(scope)) + end };
  }
  return {
    statement,
    payload(scope, end) {
      const known = bound(scope);
      return (rows) => {
        const all = known.map((value, index) => earlier[index]?.(rows) ?? value);
        return statement.payload(all) + end;
      };
    },
  };
}

function isEarlier(value: BindValue): value is Extract<BindValue, object> {
  return typeof value === 'object' && value !== null;
}

/** Reads a value out of rows that came before, as the text that the server wrote. */
function earlierOf(
  value: BindValue,
  { statements }: TransactionSpec,
  stores: readonly number[],
): ((rows: readonly RowStore[]) => BoundValue) | undefined {
  if (!isEarlier(value)) return undefined;
  const { from, column, row } = value;
  const store = stores[statements.findIndex(({ name }) => name === from)]!;
  return (rows) => {
    const text = rows[store]?.textOf(row, column);
    if (text === undefined) throw new MissingRow(`no row ${row} with ${column} from ${from}`);
    return text;
  };
}

/** A store for each statement whose rows somebody reads. */
function storesOf(
  { statements }: TransactionSpec,
  fieldsRead: ReadonlySet<string>,
): readonly number[] {
  const readByName = new Set(
    statements.flatMap(({ bind }) => bind.filter(isEarlier).map(({ from }) => from)),
  );
  let count = 0;
  return statements.map(({ name }) => {
    const isRead =
      fieldsRead.has('rows') ||
      (name !== undefined && (fieldsRead.has('results') || readByName.has(name)));
    return isRead ? count++ : NO_STORE;
  });
}

function namedStores(
  { statements }: TransactionSpec,
  stores: readonly number[],
): Readonly<Record<string, number>> {
  const named = statements.map(({ name }, index) => [name, stores[index]!] as const);
  return Object.fromEntries(named.filter(([name, store]) => name !== undefined && store >= 0));
}

function exchangesOf(
  { pipeline }: TransactionSpec,
  parts: readonly PayloadPart[],
  statements: SqlStatements,
): PostgresOperation['exchanges'] {
  const said = parts.map(({ statement }) => statement);
  return pipeline ? [statements.exchange(said)] : said.map((one) => statements.exchange([one]));
}

/** What begins a transaction as the scenario wants it. */
export function beginText({ isolation, readOnly }: TransactionSpec): string {
  const level = isolation && ` ISOLATION LEVEL ${isolation.replace('-', ' ').toUpperCase()}`;
  return `BEGIN${level ?? ''}${readOnly ? ' READ ONLY' : ''}`;
}
