import type { Draws, Workload } from './workload.ts';

/**
 * The workloads that pgbench has built in, with its tables, columns and statements
 * (PostgreSQL documentation, pgbench, "What Is the Transaction Actually Performed in pgbench?").
 */

/** Rows for each unit of scale. */
const ACCOUNTS = 100_000;
const TELLERS = 10;
const LARGEST_DELTA = 5000;
const TABLES = ['pgbench_accounts', 'pgbench_branches', 'pgbench_history', 'pgbench_tellers'];

const DROP = [`DROP TABLE IF EXISTS ${TABLES.join(', ')}`];

/** The columns, fill factors and keys of `pgbench -i`; the rows are made by the server itself. */
function initialize(scale: number): readonly string[] {
  return [
    ...DROP,
    'CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))',
    'CREATE TABLE pgbench_tellers (tid int NOT NULL, bid int, tbalance int, filler char(84)) WITH (fillfactor=100)',
    'CREATE TABLE pgbench_accounts (aid int NOT NULL, bid int, abalance int, filler char(84)) WITH (fillfactor=100)',
    'CREATE TABLE pgbench_branches (bid int NOT NULL, bbalance int, filler char(88)) WITH (fillfactor=100)',
    `INSERT INTO pgbench_branches (bid, bbalance) SELECT bid, 0 FROM generate_series(1, ${scale}) AS bid`,
    `INSERT INTO pgbench_tellers (tid, bid, tbalance) SELECT tid, (tid - 1) / ${TELLERS} + 1, 0 FROM generate_series(1, ${TELLERS * scale}) AS tid`,
    `INSERT INTO pgbench_accounts (aid, bid, abalance, filler) SELECT aid, (aid - 1) / ${ACCOUNTS} + 1, 0, '' FROM generate_series(1, ${ACCOUNTS * scale}) AS aid`,
    'ALTER TABLE pgbench_branches ADD PRIMARY KEY (bid)',
    'ALTER TABLE pgbench_tellers ADD PRIMARY KEY (tid)',
    'ALTER TABLE pgbench_accounts ADD PRIMARY KEY (aid)',
    ...TABLES.map((table) => `VACUUM ANALYZE ${table}`),
  ];
}

/** The values that all of them draw from. */
const AID = 0;
const BID = 1;
const TID = 2;
const DELTA = 3;

function draw(draws: Draws, scale: number): readonly number[] {
  return [
    draws.between(1, ACCOUNTS * scale),
    draws.between(1, scale),
    draws.between(1, TELLERS * scale),
    draws.between(-LARGEST_DELTA, LARGEST_DELTA),
  ];
}

const UPDATE_ACCOUNT = {
  sql: 'UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2',
  bind: [DELTA, AID],
};
const SELECT_ACCOUNT = {
  sql: 'SELECT abalance FROM pgbench_accounts WHERE aid = $1',
  bind: [AID],
};
const INSERT_HISTORY = {
  sql: 'INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)',
  bind: [TID, BID, AID, DELTA],
};

export const tpcbLike: Workload = {
  name: 'tpcb-like',
  initialize,
  drop: DROP,
  isTransaction: true,
  statements: [
    UPDATE_ACCOUNT,
    SELECT_ACCOUNT,
    {
      sql: 'UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2',
      bind: [DELTA, TID],
    },
    {
      sql: 'UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2',
      bind: [DELTA, BID],
    },
    INSERT_HISTORY,
  ],
  draw,
};

export const simpleUpdate: Workload = {
  name: 'simple-update',
  initialize,
  drop: DROP,
  isTransaction: true,
  statements: [UPDATE_ACCOUNT, SELECT_ACCOUNT, INSERT_HISTORY],
  draw,
};

export const selectOnly: Workload = {
  name: 'select-only',
  initialize,
  drop: DROP,
  isTransaction: false,
  statements: [SELECT_ACCOUNT],
  draw: (draws, scale) => [draws.between(1, ACCOUNTS * scale)],
};
