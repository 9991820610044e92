import type { Scope } from '../../../base/expressions/template.ts';
import { NS_PER_MS } from '../../../base/time/clock.ts';
import type { PreparedOperation, VerbUse } from '../../driver.ts';
import { MissingRow } from '../../vocabulary/postgres/postgres-operation.ts';
import type { Protocol } from '../../vocabulary/postgres/sql-statements.ts';
import { parameterBytes } from '../../wire/postgres/parameter-text.ts';
import { literal, splitParameters } from '../../wire/postgres/sql-text.ts';
import { compileAnyValue } from '../bind-values.ts';
import type { BindValue, QuerySpec, TransactionSpec, WorkloadSpec } from '../postgres-config.ts';
import { beginText } from '../sql-operation.ts';
import { IterationDraws } from '../workload-operation.ts';
import { WORKLOADS } from '../workloads/registry.ts';
import type { Workload } from '../workloads/workload.ts';

/** What pg's `client.query` takes. */
export interface SdkQuery {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** Prepared once a connection. */
  readonly name?: string;
  readonly queryMode?: 'extended';
}

/** Rows of the named statements that ran before. */
export type NamedRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

export interface SdkStatement {
  /** Under which its rows are found. */
  readonly name: string | undefined;
  /** Throws MissingRow where rows that it asks for did not come. */
  query(rows: NamedRows): SdkQuery;
}

/** One operation in pg's words. */
export interface SdkRequest {
  readonly timeoutNs: number;
  readonly statements: readonly SdkStatement[];
  readonly retries: number;
  readonly isTransaction: boolean;
}

type Values = (scope: Scope) => (rows: NamedRows) => readonly unknown[];

/** Makes the requests of a step for pg; `copy` has none. */
export class SdkCompiler {
  readonly #protocol: Protocol;
  readonly #seed: number;
  #names = 0;

  constructor(protocol: Protocol, seed: number) {
    this.#protocol = protocol;
    this.#seed = seed;
  }

  compile(use: VerbUse): PreparedOperation {
    switch (use.verb) {
      case 'query': {
        const { sql, bind } = use.spec as QuerySpec;
        return this.#operation(use, [this.#statement(sql, valuesOf(bind, use))]);
      }
      case 'transaction':
        return this.#transaction(use);
      case 'workload':
        return this.#workload(use);
      case 'initialize': {
        const { workload, scale } = use.spec as WorkloadSpec;
        return this.#operation(use, WORKLOADS[workload].initialize(scale).map(plain));
      }
      default: {
        const { drop } = WORKLOADS[(use.spec as WorkloadSpec).workload];
        return this.#operation(use, drop.map(plain));
      }
    }
  }

  #transaction(use: VerbUse): PreparedOperation {
    const spec = use.spec as TransactionSpec;
    const said = spec.statements.map(({ sql, bind, name }) =>
      this.#statement(sql, valuesOf(bind, use), name),
    );
    const all = [plain(beginText(spec)), ...said, plain('COMMIT')];
    return this.#operation(use, all, { retries: spec.retries, isTransaction: true });
  }

  #workload(use: VerbUse): PreparedOperation {
    const { workload: name, scale } = use.spec as WorkloadSpec;
    const workload: Workload = WORKLOADS[name];
    const draws = new IterationDraws(this.#seed, name);
    let drawn: readonly unknown[] = [];
    const said = workload.statements.map(({ sql, bind }) =>
      this.#statement(sql, () => {
        const values = bind.map((index) => drawn[index]);
        return () => values;
      }),
    );
    const { isTransaction } = workload;
    const all = isTransaction ? [plain('BEGIN'), ...said, plain('END')] : said;
    const operation = this.#operation(use, all, { retries: 0, isTransaction });
    return {
      bind(scope: Scope): unknown {
        draws.begin((scope['iteration'] as { readonly id: number }).id);
        drawn = workload.draw(draws, scale);
        return operation.bind(scope);
      },
    };
  }

  #operation(
    { timeoutMs }: VerbUse,
    statements: readonly CompiledStatement[],
    rest: Pick<SdkRequest, 'retries' | 'isTransaction'> = { retries: 0, isTransaction: false },
  ): PreparedOperation {
    const timeoutNs = timeoutMs * NS_PER_MS;
    return {
      bind(scope: Scope): SdkRequest {
        return { timeoutNs, statements: statements.map((statement) => statement(scope)), ...rest };
      },
    };
  }

  #statement(sql: string, values: Values, name?: string): CompiledStatement {
    const form = this.#form(sql);
    return (scope) => {
      const bound = values(scope);
      return { name, query: (rows) => form(bound(rows)) };
    };
  }

  #form(sql: string): (values: readonly unknown[]) => SdkQuery {
    switch (this.#protocol) {
      case 'prepared': {
        const name = `s${this.#names++}`;
        return (values) => ({ text: sql, values, name });
      }
      case 'extended':
        return (values) => ({ text: sql, values, queryMode: 'extended' });
      case 'simple':
        return (values) => ({ text: withLiterals(sql, values) });
    }
  }
}

type CompiledStatement = (scope: Scope) => SdkStatement;

function plain(text: string): CompiledStatement {
  const statement: SdkStatement = { name: undefined, query: () => ({ text }) };
  return () => statement;
}

function valuesOf(bind: readonly BindValue[], use: VerbUse): Values {
  const read = bind.map((value) => {
    if (typeof value === 'object' && value !== null) return () => undefined;
    return compileAnyValue(value, use);
  });
  return (scope) => {
    const values = read.map((one) => sdkValue(one(scope)));
    return (rows) => values.map((value, index) => earlierValue(bind[index]!, rows) ?? value);
  };
}

function earlierValue(value: BindValue, rows: NamedRows): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = rows[value.from]?.[value.row];
  if (found !== undefined && value.column in found) return found[value.column];
  throw new MissingRow(`no row ${value.row} with ${value.column} from ${value.from}`);
}

/** pg takes every typed array for bytes. */
function sdkValue(value: unknown): unknown {
  if (!ArrayBuffer.isView(value) || value instanceof Uint8Array) return value;
  return parameterBytes(value);
}

function withLiterals(sql: string, values: readonly unknown[]): string {
  const { statics, parameters } = splitParameters(sql);
  return statics.reduce((text, part, index) => {
    const bytes = parameterBytes(values[parameters[index - 1]! - 1]);
    const value = bytes === null ? null : Buffer.from(bytes, 'latin1').toString('utf8');
    return text + literal(value) + part;
  });
}
