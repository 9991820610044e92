import type { Workload } from './workload.ts';

/** Rows for each unit of scale. */
const ITEMS = 100_000;
/** Rows that share one value of the column that is looked up. */
const ITEMS_PER_CODE = 10;
/** Rows that one statement inserts. */
const BATCH_ROWS = 100;
const LARGEST_AMOUNT = 1_000_000;

/** Some ten rows by a secondary index, in the order of another column. */
export const indexedLookup: Workload = {
  name: 'indexed-lookup',
  initialize: (scale) => [
    'DROP TABLE IF EXISTS loadgen_items',
    'CREATE TABLE loadgen_items (id bigint NOT NULL, code int NOT NULL, amount int NOT NULL, label text NOT NULL)',
    `INSERT INTO loadgen_items SELECT id, id % ${(ITEMS / ITEMS_PER_CODE) * scale}, id % 1000, md5(id::text) FROM generate_series(1, ${ITEMS * scale}) AS id`,
    'ALTER TABLE loadgen_items ADD PRIMARY KEY (id)',
    'CREATE INDEX loadgen_items_code ON loadgen_items (code)',
    'VACUUM ANALYZE loadgen_items',
  ],
  drop: ['DROP TABLE IF EXISTS loadgen_items'],
  isTransaction: false,
  statements: [
    {
      sql: 'SELECT id, amount, label FROM loadgen_items WHERE code = $1 ORDER BY amount',
      bind: [0],
    },
  ],
  draw: (draws, scale) => [draws.between(0, (ITEMS / ITEMS_PER_CODE) * scale - 1)],
};

/** A hundred rows in one statement, into a table with a primary key and one index. */
export const batchInsert: Workload = {
  name: 'batch-insert',
  initialize: () => [
    'DROP TABLE IF EXISTS loadgen_events',
    'CREATE TABLE loadgen_events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account int NOT NULL, amount int NOT NULL, label text NOT NULL, at timestamptz NOT NULL DEFAULT now())',
    'CREATE INDEX loadgen_events_account ON loadgen_events (account)',
    'VACUUM ANALYZE loadgen_events',
  ],
  drop: ['DROP TABLE IF EXISTS loadgen_events'],
  isTransaction: false,
  statements: [
    {
      sql: 'INSERT INTO loadgen_events (account, amount, label) SELECT account, amount, md5(account::text) FROM unnest($1::int[], $2::int[]) AS row (account, amount)',
      bind: [0, 1],
    },
  ],
  draw(draws, scale) {
    const accounts = Array.from({ length: BATCH_ROWS }, () => draws.between(1, ITEMS * scale));
    const amounts = accounts.map((account) => (account * 7919) % LARGEST_AMOUNT);
    return [`{${accounts.join(',')}}`, `{${amounts.join(',')}}`];
  },
};
