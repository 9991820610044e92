import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres, whyNoPostgres } from '../../support/postgres-server.ts';
import { runScenario, type SavedAccount } from '../../support/run-loadgen.ts';
import { PostgresWorld } from './postgres-fixture.ts';

function scenario(url: string, load: string): string {
  return `
version: 1
targets: { pg: { driver: postgres, url: '${url}', connectTimeout: 2s } }
prepare: [{ name: fill, initialize: { workload: tpcb-like, scale: 1 }, timeout: 2m }]
steps: [{ name: tpcb, workload: { workload: tpcb-like, scale: 1 }, onFail: continue }]
load: ${load}
`;
}

/** Every operation ended in exactly one way, and none is left. */
function assertClosed({ attempted, operations, inFlight }: SavedAccount): void {
  const ended = Object.values(operations).reduce((sum, count) => sum + count, 0);
  assert.equal(ended, attempted);
  assert.equal(inFlight, 0);
}

describe('whole runs', { skip: whyNoPostgres() }, () => {
  const world = new PostgresWorld();

  /** What TPC-B holds invariant: each amount was charged to an account, a teller and a branch. */
  async function booked(): Promise<number> {
    const [sums] = await world.rows(`SELECT
      (SELECT sum(abalance) FROM pgbench_accounts)::int AS accounts,
      (SELECT sum(tbalance) FROM pgbench_tellers)::int AS tellers,
      (SELECT sum(bbalance) FROM pgbench_branches)::int AS branches,
      (SELECT coalesce(sum(delta), 0) FROM pgbench_history)::int AS history`);
    const { accounts, tellers, branches, history } = sums as Record<string, number>;
    assert.deepEqual([accounts, tellers, branches], [history, history, history]);
    const [count] = await world.rows('SELECT count(*)::int AS n FROM pgbench_history');
    return (count as { n: number }).n;
  }

  it('of N transactions of TPC-B book N amounts, each three times', async () => {
    const load = '{ executor: shared-iterations, vus: 4, iterations: 300 }';
    const run = await runScenario(scenario(world.server.url, load));
    assert.equal(run.code, 0, run.errors);
    assertClosed(run.result.accounts.measure);
    assert.equal(run.result.accounts.measure.operations['ok'], 300);
    assert.equal(await booked(), 300);
  });

  it('whose sessions the server ends again and again lose whole transactions only', async () => {
    const load = '{ executor: constant-vus, vus: 4, duration: 2s }';
    const running = runScenario(scenario(world.server.url, load));
    let isOver = false;
    void running.finally(() => (isOver = true));
    while (!isOver) {
      // Statements of the load alone: the tables are filled by others.
      await world.rows(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE query ~ '^(UPDATE pgbench_(tellers|branches)|INSERT INTO pgbench_history)'
        AND application_name = 'loadgen'`);
      await delay(10);
    }
    const { result, errors } = await running;
    assertClosed(result.accounts.measure);
    const { ok = 0, connection_lost: lost = 0, ...others } = result.accounts.measure.operations;
    assert.deepEqual(
      Object.values(others).filter((count) => count > 0),
      [],
      errors,
    );
    assert.ok(ok > 0 && lost > 0, `${ok} ok, ${lost} lost`);
    // Whether the server had committed when the connection went, nobody was told.
    const transactions = await booked();
    assert.ok(transactions >= ok && transactions <= ok + lost, `${transactions}: ${ok}, ${lost}`);
  });

  it('of a server that is killed in the middle end with what happened', async () => {
    const mortal = await startPostgres();
    const load = '{ executor: constant-vus, vus: 4, duration: 3s, gracefulStop: 2s }';
    const running = runScenario(scenario(mortal.url, load));
    const isLoaded = 'SELECT count(*)::int AS n FROM pgbench_history';
    const { Client } = await import('pg');
    const client = new Client({ connectionString: mortal.url });
    client.on('error', () => {});
    await client.connect();
    for (;;) {
      const { rows } = await client
        .query<{ n: number }>(isLoaded)
        .catch(() => ({ rows: [{ n: 0 }] }));
      if (rows[0]!.n > 20) break;
      await delay(20);
    }
    const { rows } = await client.query<{ pid: string }>(
      "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid",
    );
    process.kill(Number(rows[0]!.pid), 'SIGQUIT');
    const { result, code } = await running;
    await mortal.stop();
    assertClosed(result.accounts.measure);
    const { operations } = result.accounts.measure;
    assert.ok(operations['ok']! > 0 && operations['connection_lost']! > 0);
    assert.ok(operations['connect_failed']! > 0);
    const expected = ['ok', 'connection_lost', 'connect_failed', 'rejected', 'status_error'];
    const seen = Object.keys(operations).filter((name) => operations[name]! > 0);
    assert.deepEqual(
      seen.filter((name) => !expected.includes(name)),
      [],
    );
    assert.ok(code !== null && code !== 109, String(code));
  });

  it(
    'find the tables of pgbench as pgbench itself makes them',
    { skip: whyNoPgbench() },
    async () => {
      const database = `${world.server.url.replace(/postgres$/, 'of_pgbench')}`;
      await world.rows('CREATE DATABASE of_pgbench');
      execFileSync('pgbench', ['-i', '-q', '-s', '2', database], { stdio: 'ignore' });
      const load = '{ executor: shared-iterations, vus: 1, iterations: 1 }';
      const text = scenario(world.server.url, load).replaceAll('scale: 1', 'scale: 2');
      assert.equal((await runScenario(text)).code, 0);
      await world.rows('TRUNCATE pgbench_history');
      await world.rows('UPDATE pgbench_accounts SET abalance = 0 WHERE abalance <> 0');
      const { Client } = await import('pg');
      const theirs = new Client({ connectionString: database });
      await theirs.connect();
      const shape = `SELECT table_name, column_name, data_type, character_maximum_length, is_nullable
      FROM information_schema.columns WHERE table_name LIKE 'pgbench%' ORDER BY 1, ordinal_position`;
      const keys = `SELECT tablename, indexdef FROM pg_indexes WHERE tablename LIKE 'pgbench%' ORDER BY 1`;
      const content = `SELECT md5(string_agg(r::text, ',' ORDER BY aid)) FROM
      (SELECT aid, bid, abalance, trim(filler) FROM pgbench_accounts) AS r`;
      const tellers = 'SELECT tid, bid, tbalance FROM pgbench_tellers ORDER BY tid';
      try {
        for (const sql of [shape, keys, content]) {
          assert.deepEqual(await world.rows(sql), (await theirs.query(sql)).rows);
        }
        const [own] = [(await world.rows(tellers)).map(({ tid, bid }) => [tid, bid])];
        const { rows } = await theirs.query<{ tid: number; bid: number }>(tellers);
        assert.deepEqual(
          own,
          rows.map(({ tid, bid }) => [tid, bid]),
        );
      } finally {
        await theirs.end();
      }
    },
  );
});

function whyNoPgbench(): string | false {
  const found = spawnSync('pgbench', ['--version'], { stdio: 'ignore' }).status === 0;
  return found ? false : 'pgbench is not installed (apt-get install postgresql)';
}
