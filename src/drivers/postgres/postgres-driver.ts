import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Driver, DriverContext, PreparedOperation, Session, VerbUse } from '../driver.ts';
import { PostgresSessions } from '../vocabulary/postgres/postgres-sessions.ts';
import { SqlStatements } from '../vocabulary/postgres/sql-statements.ts';
import { prepareCopy } from './copy-operation.ts';
import type { PostgresTargetOptions, TransactionSpec, WorkloadSpec } from './postgres-config.ts';
import { prepareQuery, prepareTransaction } from './sql-operation.ts';
import { prepareStatements, prepareWorkload } from './workload-operation.ts';
import { WORKLOADS } from './workloads/registry.ts';

/** The raw client: what all sessions of one target in one worker share. */
export class PostgresDriver implements Driver {
  readonly #name: string;
  readonly #seed: number;
  readonly #sessions: PostgresSessions;
  readonly #statements: SqlStatements;

  constructor(context: DriverContext) {
    const {
      protocol = 'prepared',
      tls,
      settings,
    } = context.options as Partial<PostgresTargetOptions>;
    this.#name = context.name;
    this.#seed = context.seed;
    this.#sessions = new PostgresSessions(context, { tls, settings });
    this.#statements = new SqlStatements(protocol);
  }

  compile(use: VerbUse): PreparedOperation {
    switch (use.verb) {
      case 'query':
        return prepareQuery(use, this.#statements);
      case 'transaction':
        this.#checkPipeline(use.spec as TransactionSpec);
        return prepareTransaction(use, this.#statements);
      case 'copy':
        return prepareCopy(use);
      case 'workload':
        return prepareWorkload(use, this.#statements, this.#seed);
      case 'initialize': {
        const { workload, scale } = use.spec as WorkloadSpec;
        return prepareStatements(use, WORKLOADS[workload].initialize(scale));
      }
      default:
        return prepareStatements(use, WORKLOADS[(use.spec as WorkloadSpec).workload].drop);
    }
  }

  open(slot: number): Session {
    return this.#sessions.open(slot);
  }

  get lateAnswers(): number {
    return this.#sessions.lateAnswers;
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.#sessions.reasons.counts;
  }

  openConnections(): number {
    return this.#sessions.openConnections;
  }

  close(): void {
    this.#sessions.close();
  }

  #checkPipeline({ pipeline }: TransactionSpec): void {
    if (!pipeline || this.#statements.protocol !== 'simple') return;
    const reason = 'a transaction with pipeline: true needs protocol extended or prepared';
    throw new LoadgenError('TARGET_NOT_USABLE', { target: this.#name, reason });
  }
}
