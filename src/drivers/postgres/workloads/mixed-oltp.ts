import type { Draws, Workload, WorkloadStatement } from './workload.ts';

/**
 * The transaction of sysbench's oltp_read_write (akopytov/sysbench, src/lua/oltp_common.lua): ten
 * point selects, four ranges of a hundred rows, two updates, and a row deleted and put back.
 */
const ROWS = 10_000;
const POINT_SELECTS = 10;
const RANGE_ROWS = 100;
const RANGES = [
  'SELECT c FROM loadgen_oltp WHERE id BETWEEN $1 AND $2',
  'SELECT sum(k) FROM loadgen_oltp WHERE id BETWEEN $1 AND $2',
  'SELECT c FROM loadgen_oltp WHERE id BETWEEN $1 AND $2 ORDER BY c',
  'SELECT DISTINCT c FROM loadgen_oltp WHERE id BETWEEN $1 AND $2 ORDER BY c',
];

/** What is drawn: an id for each point select, two ends of each range, and what is written. */
const FIRST_RANGE = POINT_SELECTS;
const INDEXED = FIRST_RANGE + 2 * RANGES.length;
const PLAIN = INDEXED + 1;
const REPLACED = PLAIN + 1;
const K = REPLACED + 1;
const TEXT = K + 1;

const statements: readonly WorkloadStatement[] = [
  ...Array.from({ length: POINT_SELECTS }, (_, index) => ({
    sql: 'SELECT c FROM loadgen_oltp WHERE id = $1',
    bind: [index],
  })),
  ...RANGES.map((sql, index) => ({
    sql,
    bind: [FIRST_RANGE + 2 * index, FIRST_RANGE + 2 * index + 1],
  })),
  { sql: 'UPDATE loadgen_oltp SET k = k + 1 WHERE id = $1', bind: [INDEXED] },
  { sql: 'UPDATE loadgen_oltp SET c = $1 WHERE id = $2', bind: [TEXT, PLAIN] },
  { sql: 'DELETE FROM loadgen_oltp WHERE id = $1', bind: [REPLACED] },
  {
    sql: 'INSERT INTO loadgen_oltp (id, k, c, pad) VALUES ($1, $2, $3, $3) ON CONFLICT (id) DO NOTHING',
    bind: [REPLACED, K, TEXT],
  },
];

export const mixedOltp: Workload = {
  name: 'mixed-oltp',
  initialize: (scale) => [
    'DROP TABLE IF EXISTS loadgen_oltp',
    'CREATE TABLE loadgen_oltp (id int NOT NULL, k int NOT NULL, c varchar(120) NOT NULL, pad varchar(60) NOT NULL)',
    `INSERT INTO loadgen_oltp SELECT id, (id * 7919) % ${ROWS * scale}, repeat(md5(id::text), 3), md5(id::text) FROM generate_series(1, ${ROWS * scale}) AS id`,
    'ALTER TABLE loadgen_oltp ADD PRIMARY KEY (id)',
    'CREATE INDEX loadgen_oltp_k ON loadgen_oltp (k)',
    'VACUUM ANALYZE loadgen_oltp',
  ],
  drop: ['DROP TABLE IF EXISTS loadgen_oltp'],
  isTransaction: true,
  statements,
  draw(draws, scale) {
    const rows = ROWS * scale;
    const id = (): number => draws.between(1, rows);
    const points = Array.from({ length: POINT_SELECTS }, id);
    const ranges = RANGES.flatMap(() => rangeOf(draws, rows));
    return [...points, ...ranges, id(), id(), id(), id(), `text ${id()}`];
  },
};

function rangeOf(draws: Draws, rows: number): readonly number[] {
  const first = draws.between(1, Math.max(rows - RANGE_ROWS + 1, 1));
  return [first, first + RANGE_ROWS - 1];
}
