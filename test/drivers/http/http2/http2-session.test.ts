import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeCertificates, type Certificates } from '../../../support/certificates.ts';
import type { DriverBenchOptions } from '../../../support/driver-bench.ts';
import { OK, httpBench, request } from '../http-fixture.ts';
import { startTlsServer } from '../../../support/tls-server.ts';
import { startHttp2Server } from './http2-server.ts';

const HTTP2 = { client: 'raw', http: 2 };

function bench(t: TestContext, port: number, options: Partial<DriverBenchOptions> = {}) {
  const url = `http://127.0.0.1:${port}`;
  return httpBench(t, { url, ...options, options: { ...HTTP2, ...options.options } });
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function say(stream: ServerHttp2Stream, body: string | Buffer, headers = {}): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, ...headers });
  stream.end(body);
}

describe('requests over HTTP/2', () => {
  it('share connections: at most as many streams as the server allows, the others wait', async (t) => {
    const server = await startHttp2Server(
      t,
      (stream, headers) => setTimeout(() => say(stream, headers[':path']!), 2),
      { settings: { maxConcurrentStreams: 3 } },
    );
    const one = await bench(t, server.port, { connections: 2 });
    await Promise.all(
      Array.from({ length: 40 }, async (_, slot) => {
        const session = one.driver.open(slot);
        for (let count = 0; count < 5; count++) {
          const path = `/${slot}/{{ row.n }}`;
          const scope = { row: { n: count } };
          const step = request({ path }, { reads: ['text'] });
          const record = await one.run(session, step, { scope, slot });
          assert.equal(record.outcome, 'ok');
          assert.ok(record.acquired <= record.granted && record.granted <= record.sent);
          assert.equal(session.result['text'], `/${slot}/${count}`);
        }
      }),
    );
    assert.equal(server.sessions.length, 2);
    assert.equal(server.mostStreams(), 3);
    assert.equal(one.driver.openConnections?.(), 2);
    assert.deepEqual(one.reasons(), {});
    assert.equal(one.wheel.armed, 0);
  });

  it('say what they would over HTTP/1.1, with bodies of every kind', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loadgen-http2-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'large'), Buffer.alloc(3_000_000, 'x'));
    writeFileSync(join(folder, 'small'), 'small');
    const seen: Record<string, unknown>[] = [];
    const note = (headers: http.IncomingHttpHeaders, about: object, body: Buffer): void => {
      const fields = Object.entries(headers).filter(
        ([name]) => !/^(:|host$|connection$)/.test(name),
      );
      seen.push({ ...Object.fromEntries(fields), ...about, sha256: sha256(body) });
    };
    const second = await startHttp2Server(t, (stream, headers, body) => {
      const { ':method': method, ':path': path, ':authority': host } = headers;
      note(headers, { method, path, host }, body);
      say(stream, 'ok');
    });
    const first = http.createServer((incoming, response) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const { method, url: path, headers } = incoming;
        note(headers, { method, path, host: headers.host }, Buffer.concat(parts));
        response.end('ok');
      });
    });
    first.listen(0, '127.0.0.1');
    await once(first, 'listening');
    t.after(() => first.close());
    const specs = [
      { path: '/a', query: { q: 'ü', n: '{{ row.n }}' }, headers: { 'X-Row': '{{ row.n }}' } },
      { path: '/a', headers: { Host: 'other.test', Authorization: 'told' } },
      { method: 'POST' },
      { method: 'HEAD', path: '/{{ row.n }}' },
      { json: { text: '{{ row.text }}' } },
      { text: 'the same' },
      { form: { a: 'ü' }, headers: { 'x-é': undefined } },
      {
        multipart: [
          { name: 'a', text: 'b' },
          { name: 'f', file: 'large' },
          { name: 'c', text: 'd' },
        ],
      },
      { file: 'small' },
      { file: 'large' },
      { file: '{{ row.file }}' },
    ].map((spec) => JSON.parse(JSON.stringify(spec)) as object);
    const scope = { row: { n: 7, text: 'naïve "café"', file: 'large' } };
    for (const [port, version] of [
      [(first.address() as AddressInfo).port, 1],
      [second.port, 2],
    ] as const) {
      const options = { http: version, auth: { basic: { user: 'u', password: 'p' } } };
      const one = await bench(t, port, { baseFolder: folder, options });
      const session = one.driver.open(0);
      for (const spec of specs) {
        const { outcome, bytesSent } = await one.run(session, request(spec), { scope });
        assert.equal(outcome, 'ok', JSON.stringify(spec));
        assert.ok(!('file' in spec && spec.file === 'large') || bytesSent > 3_000_000);
      }
      assert.deepEqual(one.reasons(), {});
    }
    const withoutPort = seen.map(({ host, ...other }) => ({
      ...other,
      host: String(host).replace(/:\d+/, ''),
    }));
    assert.deepEqual(withoutPort.slice(specs.length), withoutPort.slice(0, specs.length));
  });

  it('read headers, JSON and compressed bodies of answers, and let trailers go', async (t) => {
    const server = await startHttp2Server(t, (stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</x>' });
      const headers = { 'content-encoding': 'gzip', 'set-cookie': ['a=1', 'b=2'], 'x-one': 'é' };
      stream.respond({ ':status': 201, ...headers }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-after': 'it' }));
      stream.end(gzipSync('{"a":[1,2]}'));
    });
    const one = await bench(t, server.port, { options: { decompress: true } });
    const session = one.driver.open(0);
    const record = await one.run(session, request({}, { reads: ['json', 'headers', 'text'] }));
    assert.equal(record.outcome, 'ok');
    const { status, json } = session.result;
    const headers = session.result['headers'] as Record<string, string>;
    assert.deepEqual([status, json], [201, { a: [1, 2] }]);
    assert.equal(headers['set-cookie'], 'a=1, b=2');
    assert.equal('x-after' in headers, false);
    const { first_byte_time: firstByteNs } = record.phases;
    assert.ok(firstByteNs! > 0 && firstByteNs! <= record.done - record.sent);
  });

  it('follow redirects and keep cookies where told so', async (t) => {
    const asked: string[] = [];
    const server = await startHttp2Server(t, (stream, headers, body) => {
      const { ':method': method, ':path': path, cookie = '', 'content-type': type = '' } = headers;
      asked.push([method, path, cookie, type, body.toString()].join(' '));
      if (path === '/old') {
        stream.respond({ ':status': 302, location: '/new?x=1', 'set-cookie': 'id=7; Path=/' });
        stream.end();
      } else say(stream, 'there');
    });
    const options = { redirects: 2, cookies: true };
    const one = await bench(t, server.port, { options });
    const session = one.driver.open(0);
    const step = request({ path: '/{{ row.p }}', json: { a: 1 } });
    const record = await one.run(session, step, { scope: { row: { p: 'old' } } });
    assert.equal(record.outcome, 'ok');
    assert.equal(session.result['status'], 200);
    assert.equal((await one.run(session, request({ path: '/last' }))).outcome, 'ok');
    assert.deepEqual(asked, [
      'POST /old  application/json {"a":1}',
      'GET /new?x=1 id=7  ',
      'GET /last id=7  ',
    ]);
  });

  it('are signed as AWS asks for, the authority as host', async (t) => {
    let authorization = '';
    const server = await startHttp2Server(t, (stream, headers) => {
      authorization = headers.authorization ?? '';
      say(stream, 'ok');
    });
    const sigv4 = { accessKeyId: 'a', secretAccessKey: 'b', region: 'r', service: 's3' };
    const one = await bench(t, server.port, { options: { auth: { sigv4 } } });
    assert.equal((await one.run(one.driver.open(0), request({ text: 'x' }))).outcome, 'ok');
    assert.match(authorization, /SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date,/);
  });

  it('refuse headers that HTTP/2 has no place for', async (t) => {
    const one = await bench(t, 1);
    for (const headers of [{ 'Keep-Alive': '5' }, { TE: 'gzip' }]) {
      assert.throws(() => one.compile(request({ headers })), /has no place in HTTP\/2/);
    }
    one.compile(request({ headers: { TE: 'trailers' } }));
  });
});

describe('connections of HTTP/2', () => {
  let certificates: Certificates;
  before(() => (certificates = makeCertificates()));
  after(() => certificates.remove());

  it('are agreed on over TLS, and nothing else is', async (t) => {
    const pair = certificates.server;
    const server = await startHttp2Server(t, (stream) => say(stream, 'ok'), { pair });
    const options = { ...HTTP2, tls: { ca: certificates.ca } };
    const url = `https://localhost:${server.port}`;
    const one = await httpBench(t, { url, options, connections: 1 });
    const sessions = Array.from({ length: 20 }, (_, slot) => one.driver.open(slot));
    const records = await Promise.all(
      sessions.map((session, slot) => one.run(session, request(), { slot })),
    );
    assert.ok(records.every(({ outcome }) => outcome === 'ok'));
    assert.equal(records.filter(({ phases }) => 'tls_time' in phases).length, 1);
    assert.equal(server.sessions.length, 1);
    for (const ALPNProtocols of [['http/1.1'], undefined]) {
      const old = await startTlsServer(pair, OK, ALPNProtocols && { ALPNProtocols });
      t.after(() => old.close());
      const other = await httpBench(t, { url: `https://localhost:${old.port}`, options });
      assert.equal((await other.run(other.driver.open(0), request())).outcome, 'connect_failed');
      assert.deepEqual(other.reasons(), { 'the server does not speak HTTP/2': 1 });
    }
  });

  it('are refused in words by a server of HTTP/1.1 in the clear', async (t) => {
    const old = http.createServer();
    old.listen(0, '127.0.0.1');
    await once(old, 'listening');
    t.after(() => old.close());
    const one = await bench(t, (old.address() as AddressInfo).port);
    assert.equal((await one.run(one.driver.open(0), request())).outcome, 'connect_failed');
    assert.deepEqual(one.reasons(), { 'no HTTP/2 spoken there': 1 });
  });

  it('are followed by others after so many requests, and after the server went away', async (t) => {
    let requests = 0;
    const server = await startHttp2Server(t, (stream) => {
      if (++requests === 10) stream.session!.close();
      say(stream, 'ok');
    });
    const options = { requestsPerConnection: 4 };
    const limited = await bench(t, server.port, { options, connections: 1 });
    const session = limited.driver.open(0);
    for (let count = 0; count < 8; count++) {
      assert.equal((await limited.run(session, request())).outcome, 'ok');
    }
    assert.equal(server.sessions.length, 2);
    const one = await bench(t, server.port);
    const other = one.driver.open(0);
    for (let count = 0; count < 4; count++) {
      assert.equal((await one.run(other, request())).outcome, 'ok');
    }
    assert.equal(server.sessions.length, 4);
    assert.deepEqual(one.reasons(), {});
  });

  it('that allow no stream at all are given up', async (t) => {
    const settings = { maxConcurrentStreams: 0 };
    const server = await startHttp2Server(t, (stream) => say(stream, 'ok'), { settings });
    const one = await bench(t, server.port, { connectTimeoutMs: 80 });
    assert.equal((await one.run(one.driver.open(0), request())).outcome, 'connect_failed');
    assert.deepEqual(one.reasons(), { 'no stream allowed within 80 ms': 1 });
    assert.equal(one.wheel.armed, 0);
  });

  it('whose server takes no more of a body let the request time out, and others pass', async (t) => {
    const server = await startHttp2Server(t, (stream) => say(stream, 'ok'), {
      settings: { initialWindowSize: 1000 },
    });
    const one = await bench(t, server.port, { connections: 1 });
    await one.run(one.driver.open(1), request(), { slot: 1 });
    // What is not read is not credited.
    for (const session of server.sessions) {
      session.on('stream', (stream, headers) => {
        if (headers[':method'] === 'POST') stream.pause();
      });
    }
    const step = request({ text: 'x'.repeat(500_000) }, { timeoutMs: 60 });
    const stuck = one.run(one.driver.open(0), step);
    const passing = await one.run(one.driver.open(2), request(), { slot: 2 });
    assert.equal(passing.outcome, 'ok');
    const { outcome, bytesSent } = await stuck;
    assert.equal(outcome, 'timeout');
    assert.ok(bytesSent < 100_000, `${bytesSent} bytes sent into a window of 1,000`);
    const reason = 'no answer within 60 ms, the server does not take the request';
    assert.deepEqual(one.reasons(), { [reason]: 1 });
  });
});
