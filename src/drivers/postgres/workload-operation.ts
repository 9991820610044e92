import { randomBelow, randomStream, type RandomStream } from '../../base/random/counter-random.ts';
import type { Scope } from '../../base/expressions/template.ts';
import { NS_PER_MS } from '../../base/time/clock.ts';
import type { PreparedOperation, VerbUse } from '../driver.ts';
import type {
  PostgresOperation,
  PostgresRequest,
} from '../vocabulary/postgres/postgres-operation.ts';
import type { SqlStatement, SqlStatements } from '../vocabulary/postgres/sql-statements.ts';
import { NO_STORE } from '../wire/postgres/exchange.ts';
import { simpleQuery } from '../wire/postgres/frontend-messages.ts';
import { parameterBytes } from '../wire/postgres/parameter-text.ts';
import type { WorkloadSpec } from './postgres-config.ts';
import { WORKLOADS } from './workloads/registry.ts';
import type { Draws, Workload } from './workloads/workload.ts';

/** Counters that the draws of one iteration may use. */
const DRAWS_PER_ITERATION = 256;

/** Draws for one iteration after the other, from the seed of the scenario. */
export class IterationDraws implements Draws {
  readonly #stream: RandomStream;
  #counter = 0;

  constructor(seed: number, workload: string) {
    this.#stream = randomStream(seed, `postgres/${workload}`);
  }

  begin(iteration: number): void {
    this.#counter = iteration * DRAWS_PER_ITERATION;
  }

  between(first: number, last: number): number {
    return first + randomBelow(this.#stream, this.#counter++, last - first + 1);
  }
}

/** One transaction of a built-in workload. */
export function prepareWorkload(
  use: VerbUse,
  statements: SqlStatements,
  seed: number,
): PreparedOperation {
  const { workload: name, scale } = use.spec as WorkloadSpec;
  const workload: Workload = WORKLOADS[name];
  const draws = new IterationDraws(seed, name);
  const said = workload.statements.map(({ sql }) => statements.add(sql));
  const begin = constantStatements(workload, 'BEGIN', statements);
  const finish = constantStatements(workload, 'END', statements);
  const all = [...begin, ...said, ...finish];
  const { end } = statements;
  const first = begin.map((statement) => statement.payload([]) + end);
  const last = finish.map((statement) => statement.payload([]) + end);
  const operation: PostgresOperation = {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    exchanges: all.map((statement) => statements.exchange([statement])),
    retries: 0,
    isTransaction: workload.isTransaction,
    resultStore: NO_STORE,
    namedStores: {},
  };
  return {
    bind(scope: Scope): PostgresRequest {
      draws.begin((scope['iteration'] as { readonly id: number }).id);
      const values = workload.draw(draws, scale).map(parameterBytes);
      const payloads = [...first];
      for (let i = 0; i < said.length; i++) {
        const bound = workload.statements[i]!.bind.map((index) => values[index]!);
        payloads.push(said[i]!.payload(bound) + end);
      }
      return { operation, payloads: [...payloads, ...last] };
    },
  };
}

function constantStatements(
  { isTransaction }: Workload,
  sql: string,
  statements: SqlStatements,
): readonly SqlStatement[] {
  return isTransaction ? [statements.add(sql)] : [];
}

/** Statements without values, one after the other, each on its own. */
export function prepareStatements(use: VerbUse, sql: readonly string[]): PreparedOperation {
  const exchange = {
    uses: [{ prepared: undefined, store: NO_STORE }],
    isSimple: true,
    copies: false,
  };
  const operation: PostgresOperation = {
    timeoutNs: use.timeoutMs * NS_PER_MS,
    exchanges: sql.map(() => exchange),
    retries: 0,
    isTransaction: false,
    resultStore: NO_STORE,
    namedStores: {},
  };
  const request: PostgresRequest = { operation, payloads: sql.map(simpleQuery) };
  return { bind: () => request };
}
