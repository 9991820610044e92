import type { DriverDefinition } from '../driver.ts';
import { POSTGRES_COUNTERS } from '../vocabulary/postgres/postgres-counters.ts';
import { POSTGRES_PHASES } from '../vocabulary/postgres/postgres-phases.ts';
import { checkPostgresTarget, postgresTargetFiles } from './postgres-checks.ts';
import {
  copySchema,
  dropWorkloadSchema,
  postgresTargetOptions,
  querySchema,
  transactionSchema,
  workloadSchema,
} from './postgres-config.ts';
import { POSTGRES_SERVER_METRICS } from './stats/server-metrics.ts';

const ANSWER = {
  rowCount: 'Rows that were inserted, updated, deleted, copied or selected, over all statements.',
  code: 'SQLSTATE of the error; 00000 where there was none.',
  message: 'What the server said of the error.',
};

const ROWS = 'The rows as a list of maps by column; of several statements the last that gives any.';

/** PostgreSQL over its own protocol. */
export const driver: DriverDefinition = {
  name: 'postgres',
  summary: 'SQL over raw sockets to PostgreSQL',
  schemes: ['postgres', 'postgresql'],
  targetOptions: postgresTargetOptions,
  checkTarget: checkPostgresTarget,
  targetFiles: postgresTargetFiles,
  verbs: {
    query: {
      summary: 'Runs one statement on its own.',
      schema: querySchema,
      resultFields: { rows: ROWS, ...ANSWER },
      statusFields: ['code'],
    },
    transaction: {
      summary: 'Runs statements one after the other between BEGIN and COMMIT.',
      schema: transactionSchema,
      resultFields: { rows: ROWS, results: 'The rows of each named statement.', ...ANSWER },
      statusFields: ['code'],
    },
    copy: {
      summary: 'Loads rows into a table with COPY.',
      schema: copySchema,
      resultFields: ANSWER,
      statusFields: ['code'],
    },
    initialize: {
      summary:
        'Makes and fills the tables of a built-in workload, in place of those that are there.',
      schema: workloadSchema,
      resultFields: ANSWER,
      statusFields: ['code'],
    },
    workload: {
      summary: 'Runs one transaction of a built-in workload, with values drawn by the seed.',
      schema: workloadSchema,
      resultFields: ANSWER,
      statusFields: ['code'],
    },
    dropWorkload: {
      summary: 'Drops the tables of a built-in workload.',
      schema: dropWorkloadSchema,
      resultFields: ANSWER,
      statusFields: ['code'],
    },
  },
  phases: POSTGRES_PHASES,
  counters: POSTGRES_COUNTERS,
  serverStats: {
    metrics: POSTGRES_SERVER_METRICS,
    async load() {
      const { PostgresSampler } = await import('./stats/server-sampler.ts');
      return { open: (context) => new PostgresSampler(context) };
    },
  },
  capabilities: { multiplexes: false, stamps: 'socket', maxInFlightPerSession: 1 },
  stampsOf: ({ client }) => (client === 'sdk' ? 'call' : 'socket'),
  async load(options) {
    if (options?.['client'] === 'sdk') {
      const { SdkDriver } = await import('./sdk/sdk-driver.ts');
      return { create: (context) => new SdkDriver(context) };
    }
    const { PostgresDriver } = await import('./postgres-driver.ts');
    return { create: (context) => new PostgresDriver(context) };
  },
};
