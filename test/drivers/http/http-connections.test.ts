import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AddressList } from '../../../src/drivers/wire/tcp/address-list.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { answering, startScriptedServer } from '../../support/scripted-server.ts';
import { httpBench, OK, request, scripted } from './http-fixture.ts';

const SECOND_NS = 1e9;

describe('a connection', () => {
  it('is closed after as many requests as the target says', async (t) => {
    const options = { requestsPerConnection: 3 };
    const { server, bench } = await scripted(t, answering(OK), { options });
    const session = bench.driver.open(0);
    const opened: boolean[] = [];
    for (let count = 0; count < 8; count++) {
      const { outcome, phases } = await bench.run(session, request());
      assert.equal(outcome, 'ok');
      opened.push('connect_time' in phases);
    }
    assert.deepEqual(opened, [true, false, false, true, false, false, true, false]);
    const requests = server.connections.map(
      ({ received }) => received().split('GET / HTTP/1.1').length - 1,
    );
    assert.deepEqual(requests, [3, 3, 2]);
  });

  it('is counted anew when one before was lost', async (t) => {
    const options = { requestsPerConnection: 2 };
    const { server, bench } = await scripted(
      t,
      (connection) => {
        if (connection.index > 0) answering(OK)(connection);
        else connection.socket.on('data', () => connection.socket.destroy());
      },
      { options },
    );
    const session = bench.driver.open(0);
    assert.equal((await bench.run(session, request())).outcome, 'connection_lost');
    for (let count = 0; count < 2; count++) await bench.run(session, request());
    assert.equal(server.connections.length, 2);
  });

  it('comes from the addresses of this machine that the target names, in turn', async (t) => {
    const options = { sourceAddresses: ['127.0.0.2', '127.0.0.3'] };
    const { server, bench } = await scripted(t, answering(OK), {
      options,
      connection: 'perRequest',
    });
    const session = bench.driver.open(0);
    for (let count = 0; count < 3; count++) await bench.run(session, request());
    const sources = server.connections.map(({ socket }) => socket.remoteAddress);
    assert.deepEqual(sources, ['127.0.0.2', '127.0.0.3', '127.0.0.2']);
  });

  it('from an address that is not of this machine fails, and says so', async (t) => {
    const options = { sourceAddresses: ['203.0.113.7'] };
    const { bench } = await scripted(t, answering(OK), { options });
    const record = await bench.run(bench.driver.open(0), request());
    assert.equal(record.outcome, 'connect_failed');
    assert.deepEqual(bench.reasons(), { EADDRNOTAVAIL: 1 });
  });

  it('may go over a unix socket', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loadgen-socket-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'a socket');
    const asked: (string | undefined)[][] = [];
    const server = createServer((incoming, response) => {
      asked.push([incoming.url, incoming.headers.host]);
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    t.after(() => server.close());
    const bench = await httpBench(t, { url: `unix://${encodeURI(path)}` });
    const session = bench.driver.open(0);
    const step = request({ path: '/embed' }, { reads: ['text'] });
    for (let count = 0; count < 2; count++) {
      assert.equal((await bench.run(session, step)).outcome, 'ok');
      assert.equal(session.result['text'], 'ok');
    }
    assert.deepEqual(asked, [
      ['/embed', 'localhost'],
      ['/embed', 'localhost'],
    ]);
    bench.driver.close();
  });
});

describe('the addresses of a target', () => {
  it('may be given instead of looked up, while requests name the host', async (t) => {
    const server = await startScriptedServer(answering(OK));
    t.after(() => server.close());
    const bench = await httpBench(t, {
      url: `http://no-such-host.invalid:${server.port}`,
      options: { dns: { addresses: ['127.0.0.1'], pick: 'first' } },
    });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'ok');
    assert.match(server.connections[0]!.received(), /Host: no-such-host\.invalid:\d+\r\n/);
  });

  it('are connected to in turn where told so, and passed over where nobody listens', async (t) => {
    const server = await startScriptedServer(answering(OK), '0.0.0.0');
    t.after(() => server.close());
    const addresses = ['127.0.0.5', '127.0.0.6', '127.0.0.7'];
    const bench = await httpBench(t, {
      url: `http://name.invalid:${server.port}`,
      options: { dns: { addresses, pick: 'in-turn' } },
    });
    for (let slot = 0; slot < 5; slot++) {
      assert.equal(await bench.driver.open(slot).connect(), true);
    }
    const reached = server.connections.map(({ socket }) => socket.localAddress);
    assert.deepEqual(reached, [...addresses, ...addresses.slice(0, 2)]);
    const lonely = await startScriptedServer(answering(OK), '127.0.0.6');
    t.after(() => lonely.close());
    const other = await httpBench(t, {
      url: `http://name.invalid:${lonely.port}`,
      options: { dns: { addresses, pick: 'in-turn' } },
    });
    for (let slot = 0; slot < 3; slot++) {
      assert.equal(await other.driver.open(slot).connect(), true);
    }
    assert.equal(lonely.connections.length, 3);
  });

  const list = (options: object, lookups: string[][], clock = new FakeClock()) =>
    new AddressList({
      host: 'somewhere',
      addresses: [],
      inTurn: false,
      ttlNs: Number.POSITIVE_INFINITY,
      clock,
      lookup: async () => lookups.shift() ?? assert.fail('looked up once too often'),
      ...options,
    });

  it('are looked up again when the look-up is too old', async () => {
    const clock = new FakeClock();
    const addresses = list({ ttlNs: SECOND_NS }, [['10.0.0.1'], ['10.0.0.2']], clock);
    assert.equal(addresses.next(), undefined);
    assert.deepEqual(await addresses.resolve(), ['10.0.0.1']);
    await clock.advanceBy(SECOND_NS - 1);
    assert.deepEqual(addresses.next(), ['10.0.0.1']);
    await clock.advanceBy(1);
    assert.equal(addresses.next(), undefined);
    assert.deepEqual(await addresses.resolve(), ['10.0.0.2']);
  });

  it('are looked up once for all who ask meanwhile', async () => {
    const addresses = list({ inTurn: true }, [['10.0.0.1', '10.0.0.2']]);
    const found = await Promise.all([addresses.resolve(), addresses.resolve()]);
    assert.deepEqual(found, [
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.2', '10.0.0.1'],
    ]);
  });

  it('begin with the one that was reached, and keep the others', async () => {
    const addresses = list({}, [['10.0.0.1', '10.0.0.2']]);
    await addresses.resolve();
    addresses.keep('10.0.0.2');
    assert.deepEqual(addresses.next(), ['10.0.0.2', '10.0.0.1']);
  });
});
