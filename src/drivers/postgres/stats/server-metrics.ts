import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';

function counter(
  name: string,
  description: string,
  { unit = 'count', better = 'neither' }: Partial<Pick<MetricDeclaration, 'unit' | 'better'>> = {},
): MetricDeclaration {
  return { name, kind: 'counter', unit, description, better };
}

function gauge(name: string, description: string): MetricDeclaration {
  return { name, kind: 'gauge', unit: 'count', description, better: 'lower' };
}

/** Columns of pg_stat_database, of the database that is loaded. */
const DATABASE: readonly (readonly [column: string, metric: MetricDeclaration])[] = [
  ['xact_commit', counter('server_commits', 'Transactions committed.', { better: 'higher' })],
  ['xact_rollback', counter('server_rollbacks', 'Transactions rolled back.', { better: 'lower' })],
  ['blks_hit', counter('server_cache_hits', 'Blocks found in the server’s own cache.')],
  [
    'blks_read',
    counter('server_cache_misses', 'Blocks that were not, and were read.', { better: 'lower' }),
  ],
  ['tup_returned + tup_fetched', counter('server_rows_read', 'Rows read from tables and indexes.')],
  [
    'tup_inserted + tup_updated + tup_deleted',
    counter('server_rows_written', 'Rows inserted, updated and deleted.'),
  ],
  [
    'temp_files',
    counter('server_temporary_files', 'Files for sorts and hashes that did not fit into memory.', {
      better: 'lower',
    }),
  ],
  [
    'temp_bytes',
    counter('server_temporary_bytes', 'Bytes written to temporary files.', {
      unit: 'bytes',
      better: 'lower',
    }),
  ],
  ['deadlocks', counter('server_deadlocks', 'Deadlocks found.', { better: 'lower' })],
  [
    'blk_read_time * 1e6',
    counter('server_read_time', 'Time spent reading blocks; 0 unless track_io_timing is on.', {
      unit: 'ns',
      better: 'lower',
    }),
  ],
];

/** Expressions over pg_stat_io, of the whole server; PostgreSQL 16 and newer. */
const INPUT_OUTPUT: readonly (readonly [expression: string, metric: MetricDeclaration])[] = [
  ['sum(reads)', counter('server_io_reads', 'Read operations of all backends.')],
  ['sum(writes)', counter('server_io_writes', 'Write operations of all backends.')],
  ['sum(fsyncs)', counter('server_io_fsyncs', 'fsync calls of all backends.')],
];

/** Conditions on the backends of clients in pg_stat_activity, itself left out. */
const BACKENDS: readonly (readonly [condition: string, metric: MetricDeclaration])[] = [
  [`state = 'active'`, gauge('server_backends_active', 'Backends that run a statement.')],
  [
    `state LIKE 'idle in transaction%'`,
    gauge('server_backends_in_transaction', 'Backends idle within a transaction.'),
  ],
  [
    `state = 'active' AND wait_event_type = 'Lock'`,
    gauge('server_waits_lock', 'Backends that wait for a lock of another transaction.'),
  ],
  [
    `state = 'active' AND wait_event_type IN ('LWLock', 'BufferPin')`,
    gauge('server_waits_internal', 'Backends that wait for a lock inside the server.'),
  ],
  [
    `state = 'active' AND wait_event_type = 'IO'`,
    gauge('server_waits_io', 'Backends that wait for reading or writing.'),
  ],
];

const WAL = counter('server_wal_bytes', 'Bytes of write-ahead log, of the whole server.', {
  unit: 'bytes',
});

/** What a sample asks for, in one row each. */
export const STATS_QUERIES = {
  database: `SELECT ${columnsOf(DATABASE)} FROM pg_stat_database WHERE datname = current_database()`,
  wal: `SELECT wal_bytes::float8 AS ${WAL.name} FROM pg_stat_wal`,
  inputOutput: `SELECT ${columnsOf(INPUT_OUTPUT)} FROM pg_stat_io`,
  activity: `SELECT ${BACKENDS.map(
    ([condition, { name }]) => `count(*) FILTER (WHERE ${condition})::float8 AS ${name}`,
  ).join(
    ', ',
  )} FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
} as const;

/** What PostgreSQL says about itself. */
export const POSTGRES_SERVER_METRICS: readonly MetricDeclaration[] = [
  ...[...DATABASE, ...INPUT_OUTPUT, ...BACKENDS].map(([, metric]) => metric),
  WAL,
];

function columnsOf(rows: readonly (readonly [string, MetricDeclaration])[]): string {
  return rows.map(([column, { name }]) => `(${column})::float8 AS ${name}`).join(', ');
}
