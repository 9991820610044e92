import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { whyNoPostgres } from '../../support/postgres-server.ts';
import type { StepOptions } from '../../support/driver-bench.ts';
import { PostgresWorld, query, type Answer } from './postgres-fixture.ts';

function transaction(spec: object, options: Partial<StepOptions> = {}): StepOptions {
  return { verb: 'transaction', spec, reads: ['rows', 'results'], ...options };
}

const READ_BALANCE = {
  name: 'read',
  sql: 'SELECT id, balance FROM pairs WHERE id = $1',
  bind: [1],
};

describe('transactions', { skip: whyNoPostgres() }, () => {
  const world = new PostgresWorld();

  async function pairs(): Promise<void> {
    await world.rows('DROP TABLE IF EXISTS pairs');
    await world.rows('CREATE TABLE pairs (id int PRIMARY KEY, balance int NOT NULL)');
    await world.rows('INSERT INTO pairs VALUES (1, 10), (2, 20)');
  }

  async function balances(): Promise<unknown[]> {
    return (await world.rows('SELECT balance FROM pairs ORDER BY id')).map(
      ({ balance }) => balance,
    );
  }

  for (const options of [
    { protocol: 'prepared' },
    { protocol: 'extended' },
    { protocol: 'simple' },
    { client: 'sdk' },
  ]) {
    const title = Object.values(options).join();

    it(`take values from the rows of earlier statements, ${title}`, async (t) => {
      await pairs();
      const bench = await world.bench(t, options);
      const session = bench.driver.open(0);
      const step = transaction({
        statements: [
          READ_BALANCE,
          {
            sql: 'UPDATE pairs SET balance = balance + $1 WHERE id = $2',
            bind: [{ from: 'read', column: 'balance' }, '{{ other }}'],
          },
        ],
      });
      for (let round = 1; round <= 2; round++) {
        const record = await bench.run(session, step, { scope: { other: 2 } });
        assert.equal(record.outcome, 'ok', String((session.result as Answer).message));
        assert.deepEqual((session.result as Answer).results, { read: [{ id: 1, balance: 10 }] });
        assert.deepEqual((session.result as Answer).rows, [{ id: 1, balance: 10 }]);
        assert.deepEqual(await balances(), [10, 20 + 10 * round]);
      }
    });

    it(`are rolled back whole where a statement fails, and the session works on, ${title}`, async (t) => {
      await pairs();
      const bench = await world.bench(t, options);
      const session = bench.driver.open(0);
      const step = transaction({
        statements: [
          { sql: 'UPDATE pairs SET balance = 0' },
          { sql: 'INSERT INTO pairs VALUES (1, 1)' },
        ],
      });
      assert.equal((await bench.run(session, step)).outcome, 'status_error');
      assert.equal((session.result as Answer).code, '23505');
      assert.deepEqual(await balances(), [10, 20]);
      assert.equal((await bench.run(session, query('SELECT 1'))).outcome, 'ok');
      const [open] = await world.rows(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state LIKE 'idle in%'",
      );
      assert.deepEqual(open, { n: 0 });
    });

    it(`fail their check where the row that a value comes from is missing, ${title}`, async (t) => {
      await pairs();
      const bench = await world.bench(t, options);
      const session = bench.driver.open(0);
      const step = transaction({
        statements: [
          { sql: 'UPDATE pairs SET balance = 0' },
          { ...READ_BALANCE, bind: [99] },
          { sql: 'DELETE FROM pairs WHERE id = $1', bind: [{ from: 'read', column: 'id' }] },
        ],
      });
      assert.equal((await bench.run(session, step)).outcome, 'check_failed');
      assert.deepEqual(bench.reasons(), { 'no row 0 with id from read': 1 });
      assert.deepEqual(await balances(), [10, 20]);
      assert.equal((await bench.run(session, query('SELECT 1'))).outcome, 'ok');
    });

    it(`have the isolation level and the access that they ask for, ${title}`, async (t) => {
      await pairs();
      const bench = await world.bench(t, options);
      const session = bench.driver.open(0);
      const shows = [{ sql: "SELECT current_setting('transaction_isolation') AS level" }];
      for (const isolation of ['read-committed', 'repeatable-read', 'serializable']) {
        await bench.run(session, transaction({ isolation, statements: shows }));
        const level = isolation.replace('-', ' ');
        assert.deepEqual((session.result as Answer).rows, [{ level }]);
      }
      const step = transaction({ readOnly: true, statements: [{ sql: 'DELETE FROM pairs' }] });
      assert.equal((await bench.run(session, step)).outcome, 'status_error');
      assert.equal((session.result as Answer).code, '25006');
    });

    it(`are begun again after serialisation failures, which are counted, ${title}`, async (t) => {
      await pairs();
      const bench = await world.bench(t, options);
      // Waits in the middle, so that another one can get in between.
      const step = transaction({
        isolation: 'repeatable-read',
        retries: 3,
        statements: [
          { ...READ_BALANCE },
          { sql: 'SELECT pg_sleep(0.2)' },
          {
            sql: 'UPDATE pairs SET balance = $1::int + 1 WHERE id = 1',
            bind: [{ from: 'read', column: 'balance' }],
          },
        ],
      });
      const sessions = [0, 1].map((slot) => bench.driver.open(slot));
      const records = await Promise.all(
        sessions.map((session, slot) => bench.run(session, step, { slot })),
      );
      assert.deepEqual(
        records.map(({ outcome }) => outcome),
        ['ok', 'ok'],
      );
      const retries = records.reduce((sum, { counts }) => sum + (counts['retries'] ?? 0), 0);
      assert.equal(retries, 1);
      assert.deepEqual(await balances(), [12, 20]);
      assert.deepEqual(bench.reasons(), {}, 'what was retried is no failure');
    });
  }

  it('that meet in a deadlock are begun again, or fail where they may not', async (t) => {
    for (const retries of [5, 0]) {
      await pairs();
      const bench = await world.bench(t, { settings: { deadlock_timeout: '50ms' } });
      const step = transaction({
        retries,
        statements: [
          { sql: 'UPDATE pairs SET balance = balance + 1 WHERE id = $1', bind: ['{{ first }}'] },
          { sql: 'SELECT pg_sleep(0.2)' },
          { sql: 'UPDATE pairs SET balance = balance + 1 WHERE id = $1', bind: ['{{ second }}'] },
        ],
      });
      const records = await Promise.all(
        [0, 1].map((slot) =>
          bench.run(bench.driver.open(slot), step, {
            slot,
            scope: slot === 0 ? { first: 1, second: 2 } : { first: 2, second: 1 },
          }),
        ),
      );
      const outcomes = records.map(({ outcome }) => outcome).toSorted();
      const count = records.reduce((sum, { counts }) => sum + (counts['retries'] ?? 0), 0);
      if (retries > 0) {
        assert.deepEqual(outcomes, ['ok', 'ok']);
        assert.ok(count >= 1);
        assert.deepEqual(await balances(), [12, 22]);
      } else {
        assert.deepEqual(outcomes, ['ok', 'status_error']);
        assert.equal(count, 0);
        assert.deepEqual(bench.reasons(), { '40P01: deadlock detected': 1 });
        assert.deepEqual(await balances(), [11, 21]);
      }
      bench.close();
    }
  });

  for (const protocol of ['prepared', 'extended']) {
    it(`in a pipeline are one round trip, all or nothing, ${protocol}`, async (t) => {
      await pairs();
      const bench = await world.bench(t, { protocol });
      const session = bench.driver.open(0);
      const ok = transaction({
        pipeline: true,
        statements: [
          READ_BALANCE,
          { sql: 'UPDATE pairs SET balance = balance + 1' },
          { name: 'last', sql: 'SELECT sum(balance) AS total FROM pairs' },
        ],
      });
      for (let round = 1; round <= 3; round++) {
        assert.equal((await bench.run(session, ok)).outcome, 'ok');
        const { rows, results, rowCount } = session.result as Answer;
        assert.deepEqual(rows, [{ total: 30 + 2 * round }]);
        assert.deepEqual(results!['read'], [{ id: 1, balance: 9 + round }]);
        assert.equal(rowCount, 4);
      }
      const broken = transaction({
        pipeline: true,
        statements: [{ sql: 'UPDATE pairs SET balance = 0' }, { sql: 'SELECT 1 / 0' }],
      });
      assert.equal((await bench.run(session, broken)).outcome, 'status_error');
      assert.deepEqual(await balances(), [13, 23]);
      assert.equal((await bench.run(session, ok)).outcome, 'ok');
    });
  }

  it('that are given up leave no lock and no work behind on the server', async (t) => {
    await pairs();
    const bench = await world.bench(t);
    const session = bench.driver.open(0);
    const step = transaction(
      { statements: [{ sql: 'UPDATE pairs SET balance = 0' }, { sql: 'SELECT pg_sleep(600)' }] },
      { timeoutMs: 100 },
    );
    assert.equal((await bench.run(session, step)).outcome, 'timeout');
    // Waits for the lock if it is held: the server was asked to cancel, and has ten minutes' work.
    await world.rows("SET lock_timeout = '20s'");
    await world.rows('UPDATE pairs SET balance = 5');
    for (;;) {
      const [{ n } = {}] = await world.rows(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%'",
      );
      if (n === 0) break;
      await delay(20);
    }
    assert.equal((await bench.run(session, query('SELECT 1'))).outcome, 'ok');
  });
});
