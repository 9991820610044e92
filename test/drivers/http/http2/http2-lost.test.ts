import assert from 'node:assert/strict';
import http2, { type ServerHttp2Stream } from 'node:http2';
import { describe, it } from 'node:test';
import { runScenario } from '../../../support/run-loadgen.ts';
import { httpBench, request } from '../http-fixture.ts';
import { startHttp2Server } from './http2-server.ts';

const OPTIONS = { client: 'raw', http: 2 };

function say(stream: ServerHttp2Stream, body: string): void {
  if (stream.destroyed || stream.session?.destroyed !== false) return;
  stream.respond({ ':status': 200 });
  stream.end(body);
}

describe('a shared connection that is lost', () => {
  it('ends all its streams with one outcome each, and its sessions go on over another', async (t) => {
    let isLosing = true;
    let waiting = 0;
    const server = await startHttp2Server(t, (stream) => {
      if (!isLosing) say(stream, 'ok');
      else if (++waiting === 10) stream.session!.destroy();
    });
    const url = `http://127.0.0.1:${server.port}`;
    const bench = await httpBench(t, { url, options: OPTIONS, connections: 1 });
    const sessions = Array.from({ length: 10 }, (_, slot) => bench.driver.open(slot));
    const all = () =>
      Promise.all(sessions.map((session, slot) => bench.run(session, request(), { slot })));
    const lost = await all();
    assert.ok(lost.every(({ outcome }) => outcome === 'connection_lost'));
    isLosing = false;
    assert.ok((await all()).every(({ outcome }) => outcome === 'ok'));
    assert.equal(server.sessions.length, 2);
    const counted = Object.values(bench.reasons()).reduce((sum, count) => sum + count, 0);
    assert.equal(counted, 10);
    assert.equal(bench.wheel.armed, 0);
  });

  it('for header fields beyond the limit is closed, and the next one serves', async (t) => {
    const server = http2.createServer({ maxSendHeaderBlockLength: 2 ** 20 });
    server.on('sessionError', () => {});
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.on('error', () => {});
      const value = headers[':path'] === '/huge' ? 'v'.repeat(100_000) : 'v';
      stream.respond({ ':status': 200, 'x-huge': value });
      stream.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const url = `http://127.0.0.1:${port}`;
    const bench = await httpBench(t, { url, options: OPTIONS, connections: 1 });
    const session = bench.driver.open(0);
    const { outcome } = await bench.run(session, request({ path: '/huge' }));
    assert.equal(outcome, 'protocol_error');
    assert.equal((await bench.run(session, request())).outcome, 'ok');
    const reasons = bench.reasons();
    assert.deepEqual(Object.values(reasons), [1]);
    assert.match(Object.keys(reasons)[0]!, /header block over 65536 bytes/);
  });
});

describe('a run over HTTP/2', () => {
  it('accounts for every request of a server that goes away, resets and closes', async (t) => {
    let requests = 0;
    const server = await startHttp2Server(
      t,
      (stream) => {
        requests++;
        if (requests % 97 === 0) stream.session!.destroy();
        else if (requests % 41 === 0) stream.session!.close();
        else if (requests % 13 === 0) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
        if (!stream.closed) say(stream, 'ok');
      },
      { settings: { maxConcurrentStreams: 7 } },
    );
    const { code, errors, result } = await runScenario(`
version: 1
targets:
  server: { driver: http, http: 2, url: 'http://127.0.0.1:${server.port}', timeout: 20s }
steps:
  - name: get
    request: { path: '/{{ iteration.id }}' }
load: { executor: shared-iterations, vus: 20, iterations: 1000 }
`);
    assert.ok(code === 0 || code === 90, `${code}: ${errors}`);
    const { started, attempted, operations, inFlight } = result.accounts.measure;
    assert.deepEqual([started, attempted, inFlight], [1000, 1000, 0]);
    const { ok, rejected, connection_lost: lost, ...others } = operations as Record<string, number>;
    assert.equal(ok! + rejected! + lost!, 1000);
    assert.ok(ok! > 600 && rejected! > 10 && lost! > 0, JSON.stringify(operations));
    assert.ok(Object.values(others).every((count) => count === 0));
    const reasons = result.failureReasons.reduce((sum, { count }) => sum + count, 0);
    assert.ok(reasons >= rejected! + lost!);
  });
});
