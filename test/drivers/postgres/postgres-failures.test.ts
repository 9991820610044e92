import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { whyNoPostgres } from '../../support/postgres-server.ts';
import { startScriptedServer } from '../../support/scripted-server.ts';
import { DriverBench } from '../../support/driver-bench.ts';
import { driver } from '../../../src/drivers/postgres/index.ts';
import { PostgresWorld, query, type Answer } from './postgres-fixture.ts';

/** The beginning of every session without a password: AuthenticationOk, ReadyForQuery. */
const GREETING = Buffer.from('R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I', 'latin1');

describe('failures', { skip: whyNoPostgres() }, () => {
  const world = new PostgresWorld('-c', 'max_connections=12');

  for (const client of ['raw', 'sdk']) {
    it(`of a server that has no more connections are rejected, ${client}`, async (t) => {
      const bench = await world.bench(t, { client });
      const outcomes: string[] = [];
      for (let slot = 0; slot < 20; slot++) {
        const record = await bench.run(bench.driver.open(slot), query('SELECT 1'), { slot });
        outcomes.push(record.outcome);
      }
      assert.ok(outcomes.includes('ok') && outcomes.includes('rejected'), outcomes.join());
      assert.deepEqual(new Set(outcomes), new Set(['ok', 'rejected']));
      const [reason = ''] = Object.keys(bench.reasons());
      assert.match(reason, /^53300: /);
    });

    it(`of one statement say their SQLSTATE, and an expectation may want it, ${client}`, async (t) => {
      const bench = await world.bench(t, { client });
      const session = bench.driver.open(0);
      const record = await bench.run(session, query('SELECT 1 / 0'));
      assert.equal(record.outcome, 'status_error');
      const { code, message } = session.result as Answer;
      assert.deepEqual([code, message], ['22012', 'division by zero']);
      assert.deepEqual(bench.reasons(), { '22012: division by zero': 1 });
      assert.ok(driver.verbs['query']!.statusFields.includes('code'));
    });

    it(`of a table dropped and made anew end with it, prepared or not, ${client}`, async (t) => {
      await world.rows('DROP TABLE IF EXISTS coming, going');
      await world.rows('CREATE TABLE going (a int)');
      const bench = await world.bench(t, { client });
      const session = bench.driver.open(0);
      const prepared = bench.compile(query('SELECT * FROM going'));
      const run = async (): Promise<string> => {
        const slot = 0;
        bench.slots.acquired[slot] = bench.clock.nowNs();
        await new Promise<void>((ended) => session.execute(prepared.bind({}), slot, ended));
        return bench.record(slot).outcome;
      };
      assert.equal(await run(), 'ok');
      await world.rows('DROP TABLE going');
      assert.equal(await run(), 'status_error');
      await world.rows('CREATE TABLE going (a int, b int)');
      await world.rows('INSERT INTO going VALUES (1, 2)');
      // The columns of a prepared statement may not change: once it fails, then it is prepared anew.
      const outcomes = [await run(), await run()];
      assert.equal(outcomes[1], 'ok');
      assert.deepEqual((session.result as Answer).rows, [{ a: 1, b: 2 }]);
    });

    it(`by the server's own timeout are no timeouts of ours, ${client}`, async (t) => {
      const bench = await world.bench(t, { client, settings: { statement_timeout: 50 } });
      const session = bench.driver.open(0);
      assert.equal(
        (await bench.run(session, query('SELECT pg_sleep(60)'))).outcome,
        'status_error',
      );
      assert.equal((session.result as Answer).code, '57014');
      assert.equal((await bench.run(session, query('SELECT 1'))).outcome, 'ok');
    });
  }

  it('for want of disk are rejected', async (t) => {
    const bench = await world.bench(t, { settings: { work_mem: '64kB', temp_file_limit: '1MB' } });
    const session = bench.driver.open(0);
    const sort =
      'SELECT count(*) FROM (SELECT i FROM generate_series(1, 1000000) i ORDER BY i DESC) s';
    assert.equal((await bench.run(session, query(sort))).outcome, 'rejected');
    assert.equal((session.result as Answer).code, '53400');
    assert.equal((await bench.run(session, query('SELECT 1'))).outcome, 'ok');
  });

  it('of a session that the server ended while it was idle are none', async (t) => {
    const bench = await world.bench(t);
    const session = bench.driver.open(0);
    await bench.run(session, query('SELECT pg_backend_pid() AS pid'));
    const [{ pid } = {}] = (session.result as Answer).rows!;
    await world.rows('SELECT pg_terminate_backend($1, 5000)', [pid]);
    // What it said at its end has to arrive first.
    while (session.usable) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await bench.run(session, query('SELECT 1'))).outcome, 'ok');
  });

  it('of rows beyond the limit that is kept are told, and unread rows have none', async (t) => {
    const bench = await world.bench(t);
    const session = bench.driver.open(0);
    const rows = "SELECT repeat('x', 1000000) AS x FROM generate_series(1, 40)";
    assert.equal((await bench.run(session, query(rows))).outcome, 'protocol_error');
    assert.deepEqual(bench.reasons(), { 'kept rows over 32 MiB': 1 });
    const unread = await bench.run(session, { ...query(rows), reads: [] });
    assert.equal(unread.outcome, 'ok');
    assert.ok(unread.bytesReceived > 40_000_000);
  });
});

async function benchAt(url: string): Promise<DriverBench> {
  return DriverBench.of(driver, { url: url.replace('http:', 'postgres:') });
}

for (const [title, answer, outcome] of [
  ['is no PostgreSQL', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'protocol_error'],
  ['says less than a message', 'Z\0\0\0\x03', 'protocol_error'],
  ['begins another session', 'R\0\0\0\x08\0\0\0\0', 'protocol_error'],
  ['is cut off', '1\0\0\0\x042\0\0\0\x04D\0\0\0\xff', 'connection_lost'],
] as const) {
  it(`an answer that ${title} is ${outcome}`, async (t) => {
    const server = await startScriptedServer(async ({ socket, receives }) => {
      await receives('loadgen\0\0');
      socket.write(GREETING);
      await receives('SELECT 1');
      socket.end(Buffer.from(answer, 'latin1'));
    });
    const bench = await benchAt(server.url);
    t.after(async () => {
      bench.close();
      await server.close();
    });
    const record = await bench.run(bench.driver.open(0), query('SELECT 1'));
    assert.equal(record.outcome, outcome, JSON.stringify(bench.reasons()));
    assert.equal(Object.keys(bench.reasons()).length, 1);
  });
}

for (const [title, greeting, reason] of [
  ['is no PostgreSQL', 'HTTP/1.1 400 Bad Request\r\n\r\n', /begins with|over/],
  ['closes at once', '', /closed while/],
  ['asks for Kerberos', 'R\0\0\0\x08\0\0\0\x07', /authentication of kind 7/],
  ['asks for a password that the url has not', 'R\0\0\0\x08\0\0\0\x03', /url has none/],
  ['offers nothing that is spoken', 'R\0\0\0\x10\0\0\0\x0aOTHER\0\0\0', /OTHER only/],
] as const) {
  it(`a server that ${title} is connect_failed, and says why`, async (t) => {
    const server = await startScriptedServer(async ({ socket, receives }) => {
      await receives('loadgen\0\0');
      socket.end(Buffer.from(greeting, 'latin1'));
    });
    const bench = await benchAt(server.url);
    t.after(async () => {
      bench.close();
      await server.close();
    });
    const record = await bench.run(bench.driver.open(0), query('SELECT 1'));
    assert.equal(record.outcome, 'connect_failed');
    assert.match(Object.keys(bench.reasons())[0]!, reason);
  });
}
