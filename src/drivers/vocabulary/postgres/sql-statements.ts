import { utf8Bytes } from '../../wire/postgres/byte-text.ts';
import {
  NO_STORE,
  type Exchange,
  type Statement,
  type StatementUse,
} from '../../wire/postgres/exchange.ts';
import {
  bindAndExecute,
  bindDescribeExecute,
  parse,
  simpleQuery,
  SYNC,
} from '../../wire/postgres/frontend-messages.ts';
import { literal, splitParameters } from '../../wire/postgres/sql-text.ts';

export const PROTOCOLS = ['simple', 'extended', 'prepared'] as const;
/**
 * simple: the values stand in the SQL; extended: SQL and values apart, parsed each time; prepared:
 * parsed once a connection.
 */
export type Protocol = (typeof PROTOCOLS)[number];

/** A statement as it is said in one of the protocols. */
export interface SqlStatement {
  readonly use: StatementUse;
  /** What is said of it with these values, without the end of the exchange. */
  payload(values: readonly (string | null)[]): string;
}

/** The statements of one target, each with a name that all connections give it. */
export class SqlStatements {
  readonly protocol: Protocol;
  #count = 0;

  constructor(protocol: Protocol) {
    this.protocol = protocol;
  }

  /** `store` is where its rows go, or NO_STORE. */
  add(sql: string, store: number = NO_STORE): SqlStatement {
    const bytes = utf8Bytes(sql);
    switch (this.protocol) {
      case 'simple':
        return simpleStatement(bytes, store);
      case 'extended':
        return extendedStatement(bytes, store);
      case 'prepared':
        return this.#preparedStatement(bytes, store);
    }
  }

  /** The exchange of one or, where the protocol is not simple, several statements. */
  exchange(statements: readonly SqlStatement[]): Exchange {
    const uses = statements.map(({ use }) => use);
    return { uses, isSimple: this.protocol === 'simple', copies: false };
  }

  /** What ends an exchange. */
  get end(): string {
    return this.protocol === 'simple' ? '' : SYNC;
  }

  #preparedStatement(sql: string, store: number): SqlStatement {
    const index = this.#count++;
    const prepared: Statement = { index, name: `s${index}`, sql };
    const { name } = prepared;
    return { use: { prepared, store }, payload: (values) => bindAndExecute(name, values) };
  }
}

function simpleStatement(sql: string, store: number): SqlStatement {
  const { statics, parameters } = splitParameters(sql);
  const use = { prepared: undefined, store };
  if (parameters.length === 0) {
    const constant = simpleQuery(sql);
    return { use, payload: () => constant };
  }
  return {
    use,
    payload(values) {
      let text = statics[0]!;
      for (let i = 0; i < parameters.length; i++) {
        text += literal(values[parameters[i]! - 1]!) + statics[i + 1]!;
      }
      return simpleQuery(text);
    },
  };
}

function extendedStatement(sql: string, store: number): SqlStatement {
  const parsed = parse('', sql);
  const run = store === NO_STORE ? bindAndExecute : bindDescribeExecute;
  return {
    use: { prepared: undefined, store },
    payload: (values) => parsed + run('', values),
  };
}
