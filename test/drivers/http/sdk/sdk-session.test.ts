import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { OUTCOME } from '../../../../src/measure/metrics/outcome.ts';
import { makeCertificates, type Certificates } from '../../../support/certificates.ts';
import type { DriverBenchOptions } from '../../../support/driver-bench.ts';
import { answering, startScriptedServer } from '../../../support/scripted-server.ts';
import { startTlsServer } from '../../../support/tls-server.ts';
import { startUploadServer } from '../../../support/upload-server.ts';
import type { FixtureServer } from '../../driver-fixture.ts';
import { fixture } from '../fixture.ts';
import { httpBench, OK, request } from '../http-fixture.ts';

const SDK = { client: 'sdk' };
const { steps } = fixture;

function sdkBench(t: TestContext, options: DriverBenchOptions) {
  return httpBench(t, { ...options, options: { ...SDK, ...options.options } });
}

describe('client: sdk', () => {
  let server: FixtureServer;
  before(async () => (server = await fixture.start()));
  after(() => server.stop());

  const bench = (t: TestContext, options: Partial<DriverBenchOptions> = {}) =>
    sdkBench(t, { url: server.url(server.port), ...options });

  it('stamps around the call, over one connection that may be opened ahead', async (t) => {
    const one = await bench(t);
    const before = await server.connectionsAccepted();
    const session = one.driver.open(0);
    assert.equal(await session.connect(), true);
    assert.equal(session.usable, true);
    for (let count = 0; count < 10; count++) {
      const record = await one.run(session, steps.ok);
      assert.equal(record.outcome, 'ok');
      assert.ok(record.acquired <= record.sent && record.sent < record.done);
      assert.equal('connect_time' in record.phases, count === 0);
      assert.ok(record.phases['first_byte_time']! > 0);
      assert.ok(record.bytesSent > 0 && record.bytesReceived > 0);
    }
    assert.ok(session.result['json'] !== undefined);
    assert.equal((await server.connectionsAccepted()) - before, 2, 'ours, and the question');
    assert.equal(one.wheel.armed, 0);
  });

  it('opens a connection for each request where told so', async (t) => {
    const one = await bench(t, { connection: 'perRequest' });
    const before = await server.connectionsAccepted();
    const session = one.driver.open(0);
    for (let count = 0; count < 5; count++) {
      assert.equal((await one.run(session, steps.ok)).outcome, 'ok');
    }
    assert.equal((await server.connectionsAccepted()) - before, 6);
  });

  it('takes as long as the server took', async (t) => {
    const one = await bench(t);
    const { sent, done } = await one.run(one.driver.open(0), steps.delayed(50));
    assert.ok(done - sent >= 50e6);
  });

  for (const [title, step, outcome] of steps.failing) {
    it(`calls it ${outcome} as the raw client does: ${title}; and works again`, async (t) => {
      const one = await bench(t);
      const session = one.driver.open(0);
      for (let round = 0; round < 2; round++) {
        assert.equal((await one.run(session, step)).outcome, outcome);
        assert.equal((await one.run(session, steps.ok)).outcome, 'ok');
      }
      const counts = Object.values(one.reasons());
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        2,
        JSON.stringify(one.reasons()),
      );
    });
  }

  it('calls it timeout when no answer comes in time, and ends what is aborted', async (t) => {
    const one = await bench(t);
    const session = one.driver.open(0);
    const record = await one.run(session, { ...steps.silence, timeoutMs: 60 });
    assert.equal(record.outcome, 'timeout');
    assert.ok(record.done - record.granted >= 60e6);
    assert.equal((await one.run(session, steps.ok)).outcome, 'ok');
    const running = one.run(session, steps.silence);
    session.abort(0, OUTCOME.interrupted);
    assert.equal((await running).outcome, 'interrupted');
    assert.equal((await one.run(session, steps.ok)).outcome, 'ok');
    assert.equal(one.wheel.armed, 0);
  });

  it('calls it connect_failed when nobody listens there, ahead of load as well', async (t) => {
    const closed = await startScriptedServer(() => {});
    await closed.close();
    const one = await bench(t, { url: closed.url });
    const session = one.driver.open(0);
    assert.equal(await session.connect(), false);
    const record = await one.run(session, steps.ok);
    assert.equal(record.outcome, 'connect_failed');
    assert.deepEqual([record.sent, record.bytesSent], [0, 0]);
    assert.deepEqual(one.reasons(), { ECONNREFUSED: 2 });
  });

  it('sends what the raw client sends, but for its own headers', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loadgen-sdk-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'large'), Buffer.alloc(200_000, 'x'));
    const uploads = await startUploadServer();
    t.after(() => uploads.close());
    const specs = [
      { path: '/a', query: { q: 'ü' }, headers: { 'x-row': '{{ row.n }}' } },
      { json: { text: '{{ row.text }}' } },
      { form: { a: 'ü' } },
      { multipart: [{ name: 'f', file: 'large' }] },
      { file: 'large' },
    ];
    for (const client of ['raw', 'sdk']) {
      const options = { client, auth: { bearer: 'token' } };
      const one = await httpBench(t, { url: uploads.url, baseFolder: folder, options });
      const session = one.driver.open(0);
      const scope = { row: { n: 7, text: 'naïve "café"' } };
      for (const spec of specs) {
        assert.equal((await one.run(session, request(spec), { scope })).outcome, 'ok');
      }
    }
    const seen = uploads.uploads.map(({ headers, sha256 }) => ({
      ...headers,
      connection: '',
      sha256,
    }));
    assert.deepEqual(seen.slice(specs.length), seen.slice(0, specs.length));
  });

  it('reads compressed answers where told so', async (t) => {
    const body = gzipSync('{"a":1}');
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`;
    const zipped = await startScriptedServer(answering(Buffer.concat([Buffer.from(head), body])));
    t.after(() => zipped.close());
    const one = await bench(t, { url: zipped.url, options: { decompress: true } });
    const session = one.driver.open(0);
    await one.run(session, request({}, { reads: ['json'] }));
    assert.deepEqual(session.result['json'], { a: 1 });
  });
});

describe('client: sdk over TLS', () => {
  let certificates: Certificates;
  before(() => (certificates = makeCertificates()));
  after(() => certificates.remove());

  it('accepts and refuses certificates as the raw client does', async (t) => {
    for (const [pair, outcome, reason] of [
      [certificates.server, 'ok', undefined],
      [certificates.expired, 'connect_failed', 'certificate expired'],
      [certificates.selfSigned, 'connect_failed', 'certificate self-signed'],
      [certificates.otherName, 'connect_failed', 'certificate not for localhost'],
    ] as const) {
      const server = await startTlsServer(pair, OK);
      t.after(() => server.close());
      const options = { tls: { ca: certificates.ca } };
      const one = await sdkBench(t, { url: `https://localhost:${server.port}`, options });
      assert.equal((await one.run(one.driver.open(0), request())).outcome, outcome);
      assert.deepEqual(one.reasons(), reason === undefined ? {} : { [reason]: 1 });
    }
  });

  async function http2Server(t: TestContext, allowHTTP1: boolean) {
    const { cert, key } = certificates.server;
    const pair = { cert: readFileSync(cert), key: readFileSync(key), allowHTTP1 };
    const versions: string[] = [];
    const server = http2.createSecureServer(pair, (incoming, response) => {
      versions.push(incoming.httpVersion);
      incoming.resume();
      incoming.on('end', () => response.end(`{"path":"${incoming.url}"}`));
    });
    const sessions: http2.ServerHttp2Session[] = [];
    server.on('session', (session) => sessions.push(session));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      for (const session of sessions) session.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    return { url: `https://localhost:${port}`, versions, sessions };
  }

  it('speaks HTTP/2 where told so', async (t) => {
    const { url, versions, sessions } = await http2Server(t, true);
    const one = await sdkBench(t, { url, options: { http: 2, tls: { ca: certificates.ca } } });
    const session = one.driver.open(0);
    assert.equal(await session.connect(), true);
    for (let count = 0; count < 3; count++) {
      const step = request({ path: '/x', json: {} }, { reads: ['json', 'headers'] });
      assert.equal((await one.run(session, step)).outcome, 'ok');
      assert.deepEqual(session.result['json'], { path: '/x' });
    }
    assert.deepEqual(versions, ['2.0', '2.0', '2.0']);
    assert.equal(sessions.length, 1);
    const old = await sdkBench(t, { url, options: { http: 1, tls: { ca: certificates.ca } } });
    assert.equal((await old.run(old.driver.open(0), request())).outcome, 'ok');
    assert.equal(versions.at(-1), '1.1');
  });

  it('does not fall back to HTTP/1.1 unsaid', async (t) => {
    const server = await startTlsServer(certificates.server, OK, { ALPNProtocols: ['http/1.1'] });
    t.after(() => server.close());
    const options = { http: 2, tls: { ca: certificates.ca } };
    const one = await sdkBench(t, { url: `https://localhost:${server.port}`, options });
    assert.equal((await one.run(one.driver.open(0), request())).outcome, 'connect_failed');
    assert.deepEqual(one.reasons(), { 'the server does not speak HTTP/2': 1 });
  });
});

describe('client: sdk through a proxy', () => {
  /** Forwards requests with a whole url, and tunnels what is asked to be. */
  async function startProxy(t: TestContext) {
    const asked: string[] = [];
    const sockets: net.Socket[] = [];
    const proxy = http.createServer((incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url}`);
      const { method, headers } = incoming;
      const onward = http.request(incoming.url!, { method: method!, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      incoming.pipe(onward);
    });
    proxy.on('connect', (incoming, socket) => {
      asked.push(`CONNECT ${incoming.url}`);
      const [host, port] = incoming.url!.split(':');
      const onward = net.connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      sockets.push(onward, socket as net.Socket);
      for (const each of [onward, socket]) each.on('error', () => {});
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      proxy.closeAllConnections();
      proxy.close();
    });
    return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
  }

  it('reaches the server by way of it, plain and over TLS', async (t) => {
    const proxy = await startProxy(t);
    const uploads = await startUploadServer();
    t.after(() => uploads.close());
    const plain = await sdkBench(t, { url: uploads.url, options: { proxy: proxy.url } });
    const session = plain.driver.open(0);
    assert.equal(await session.connect(), true);
    assert.equal((await plain.run(session, request({ path: '/x', json: {} }))).outcome, 'ok');
    assert.equal(uploads.uploads[0]!.body.toString(), '{}');
    assert.deepEqual(proxy.asked, [`POST ${uploads.url}/x`]);

    const certificates = makeCertificates();
    t.after(() => certificates.remove());
    const server = await startTlsServer(certificates.server, OK);
    t.after(() => server.close());
    const options = { proxy: proxy.url, tls: { ca: certificates.ca } };
    const secure = await sdkBench(t, { url: `https://127.0.0.1:${server.port}`, options });
    assert.equal((await secure.run(secure.driver.open(0), request())).outcome, 'ok');
    assert.equal(proxy.asked.at(-1), `CONNECT 127.0.0.1:${server.port}`);
  });

  it('that is not there fails the connection', async (t) => {
    const closed = await startScriptedServer(() => {});
    await closed.close();
    const one = await sdkBench(t, { url: 'http://127.0.0.1:9', options: { proxy: closed.url } });
    const record = await one.run(one.driver.open(0), request());
    assert.equal(record.outcome, 'connect_failed');
  });
});
