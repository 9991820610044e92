import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { driver } from '../../../src/drivers/postgres/index.ts';
import type { ServerSampler } from '../../../src/drivers/driver.ts';
import { whyNoPostgres } from '../../support/postgres-server.ts';
import { PostgresWorld, query } from './postgres-fixture.ts';

describe('the statistics of a server', { skip: whyNoPostgres() }, () => {
  const world = new PostgresWorld();

  async function sampler(): Promise<ServerSampler> {
    const { open } = await driver.serverStats!.load();
    const { url } = world.server;
    return open({ name: 'pg', url, options: {}, baseFolder: process.cwd() });
  }

  it('are the metrics that are declared, each a number', async (t) => {
    const asked = await sampler();
    t.after(() => asked.close());
    const sample = await asked.sample();
    const declared = driver.serverStats!.metrics.map(({ name }) => name);
    assert.deepEqual(
      Object.keys(sample).filter((name) => !declared.includes(name)),
      [],
    );
    assert.ok(Object.values(sample).every(Number.isFinite));
    assert.ok(sample['server_commits']! > 0 && sample['server_cache_hits']! > 0);
  });

  it('grow by the rows that were written and the transactions that were rolled back', async (t) => {
    await world.rows('CREATE TABLE counted (a int)');
    const asked = await sampler();
    t.after(() => asked.close());
    const before = await asked.sample();
    const bench = await world.bench(t);
    const session = bench.driver.open(0);
    await bench.run(session, query('INSERT INTO counted SELECT generate_series(1, 1000)'));
    for (let round = 0; round < 3; round++) await bench.run(session, query('SELECT 1 / 0'));
    session.close();
    // Backends report at their end, or after a second.
    for (;;) {
      const after = await asked.sample();
      const grew = (name: string): number => after[name]! - before[name]!;
      if (grew('server_rows_written') >= 1000 && grew('server_rollbacks') >= 3) {
        assert.equal(grew('server_rows_written'), 1000);
        assert.equal(grew('server_rollbacks'), 3);
        break;
      }
      await delay(50);
    }
  });

  it('show who waits for a lock', async (t) => {
    await world.rows('CREATE TABLE locked (a int)');
    const asked = await sampler();
    t.after(() => asked.close());
    assert.equal((await asked.sample())['server_waits_lock'], 0);
    await world.rows('BEGIN');
    await world.rows('LOCK TABLE locked');
    const bench = await world.bench(t);
    const waiting = [0, 1].map((slot) =>
      bench.run(bench.driver.open(slot), query('SELECT * FROM locked'), { slot }),
    );
    let sample = await asked.sample();
    while (sample['server_waits_lock']! < 2) {
      await delay(10);
      sample = await asked.sample();
    }
    assert.deepEqual(
      [sample['server_backends_active'], sample['server_backends_in_transaction']],
      [2, 1],
    );
    await world.rows('ROLLBACK');
    await Promise.all(waiting);
    assert.equal((await asked.sample())['server_waits_lock'], 0);
  });
});
