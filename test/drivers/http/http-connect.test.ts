import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HostResolver } from '../../../src/drivers/wire/tcp/host-resolver.ts';
import { startFullListener } from '../../support/full-listener.ts';
import { answering, startScriptedServer } from '../../support/scripted-server.ts';
import { httpBench, OK, request, scripted } from './http-fixture.ts';

const MS = 1e6;

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = await startScriptedServer(() => {});
  await server.close();
  return server.port;
}

describe('connecting', () => {
  it('that is refused fails the operation, with nothing sent', async (t) => {
    const bench = await httpBench(t, { url: `http://127.0.0.1:${await closedPort()}` });
    const session = bench.driver.open(0);
    for (let count = 1; count <= 3; count++) {
      const record = await bench.run(session, request());
      assert.equal(record.outcome, 'connect_failed');
      assert.deepEqual([record.sent, record.bytesSent, record.bytesReceived], [0, 0, 0]);
      assert.ok(record.done > record.acquired);
      assert.equal(record.granted, record.done, 'what it waited for never came');
      assert.deepEqual(record.phases, {});
      assert.deepEqual(bench.reasons(), { ECONNREFUSED: count });
    }
    assert.equal(bench.wheel.armed, 0);
  });

  it('ahead of load says that it failed', async (t) => {
    const bench = await httpBench(t, { url: `http://127.0.0.1:${await closedPort()}` });
    const session = bench.driver.open(0);
    assert.equal(await session.connect(), false);
    assert.equal(session.usable, false);
    assert.deepEqual(bench.reasons(), { ECONNREFUSED: 1 });
  });

  it('to a host that does not exist fails the operation', async (t) => {
    const url = 'http://host.invalid:8000';
    const bench = await httpBench(t, { url, connectTimeoutMs: 2000 });
    const record = await bench.run(bench.driver.open(0), request());
    assert.equal(record.outcome, 'connect_failed');
    assert.match(
      Object.keys(bench.reasons()).join(),
      /^(ENOTFOUND|EAI_AGAIN|not connected within 2000 ms)$/,
    );
  });

  it('has a timeout of its own, which fails it and is no timeout of the answer', async (t) => {
    const listener = await startFullListener();
    t.after(() => listener.close());
    const url = `http://127.0.0.1:${listener.port}`;
    const bench = await httpBench(t, { url, connectTimeoutMs: 150 });
    const session = bench.driver.open(0);
    const record = await bench.run(session, request({}, { timeoutMs: 10 }));
    assert.equal(record.outcome, 'connect_failed');
    assert.ok(record.done - record.acquired >= 149 * MS);
    assert.deepEqual(bench.reasons(), { 'not connected within 150 ms': 1 });
    assert.equal(await session.connect(), false);
  });

  it('that is aborted ends the operation and tells who waits for the connection', async (t) => {
    const listener = await startFullListener();
    t.after(() => listener.close());
    const bench = await httpBench(t, { url: `http://127.0.0.1:${listener.port}` });
    const session = bench.driver.open(0);
    const connecting = session.connect();
    const running = bench.run(session, request());
    session.abort(0, 9);
    assert.equal((await running).outcome, 'interrupted');
    assert.equal(await connecting, false);
    assert.equal(bench.wheel.armed, 0);
  });

  it('serves a request that came while the connection was being opened ahead', async (t) => {
    const { server, bench } = await scripted(t, answering(OK));
    const session = bench.driver.open(0);
    const connecting = session.connect();
    const record = await bench.run(session, request());
    assert.equal(await connecting, true);
    assert.equal(record.outcome, 'ok');
    assert.equal(server.connections.length, 1);
  });

  it('counts the time of the timeout of the answer only once it is connected', async (t) => {
    const { bench } = await scripted(t, answering(OK));
    const record = await bench.run(bench.driver.open(0), request({}, { timeoutMs: 400 }));
    assert.equal(record.outcome, 'ok');
    assert.ok(record.phases['connect_time']! <= record.granted - record.acquired);
  });
});

describe('the address of a host', () => {
  it('is the one that answers where a name has several, tried in turn', async (t) => {
    const { server, bench } = await scripted(t, answering(OK));
    const { port } = server;
    const local = await httpBench(t, { url: `http://localhost:${port}` });
    assert.equal((await local.run(local.driver.open(0), request())).outcome, 'ok');
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'ok');
    assert.match(server.connections[0]!.received(), new RegExp(`Host: localhost:${port}\r\n`));
  });

  it('may be IPv6', async (t) => {
    let server;
    try {
      server = await startScriptedServer(answering(OK), '::1');
    } catch {
      t.skip('this machine has no IPv6');
      return;
    }
    t.after(() => server.close());
    const bench = await httpBench(t, { url: server.url });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'ok');
  });

  it('is looked up once for all who ask, and kept', async () => {
    let lookups = 0;
    const resolver = new HostResolver('somewhere', async () => {
      lookups++;
      return ['10.0.0.1', '10.0.0.2'];
    });
    assert.equal(resolver.next(), undefined);
    const found = await Promise.all([resolver.resolve(), resolver.resolve()]);
    assert.deepEqual(found, [
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.1', '10.0.0.2'],
    ]);
    resolver.keep('10.0.0.2');
    assert.deepEqual(await resolver.resolve(), ['10.0.0.2']);
    assert.equal(lookups, 1);
  });

  it('is looked up again after a look-up that failed', async () => {
    let lookups = 0;
    const resolver = new HostResolver('somewhere', async () => {
      if (++lookups === 1) throw Object.assign(new Error('no'), { code: 'EAI_AGAIN' });
      return ['10.0.0.1'];
    });
    await assert.rejects(resolver.resolve(), { code: 'EAI_AGAIN' });
    assert.deepEqual(await resolver.resolve(), ['10.0.0.1']);
  });

  it('that is an address already is not looked up', () => {
    const resolver = new HostResolver('::1', () => assert.fail('looked up'));
    assert.deepEqual(resolver.next(), ['::1']);
  });
});
