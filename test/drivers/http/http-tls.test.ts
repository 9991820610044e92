import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import type { DriverBenchOptions } from '../../support/driver-bench.ts';
import { makeCertificates, type Certificates, type KeyPair } from '../../support/certificates.ts';
import { answering, startScriptedServer } from '../../support/scripted-server.ts';
import { startTlsServer, type TlsServer } from '../../support/tls-server.ts';
import { httpBench, OK, request } from './http-fixture.ts';

let certificates: Certificates;
before(() => (certificates = makeCertificates()));
after(() => certificates.remove());

interface Setting {
  readonly pair?: KeyPair;
  readonly server?: TlsOptions;
  readonly tls?: object;
  readonly host?: string;
  readonly answer?: string | Buffer;
  readonly bench?: Partial<DriverBenchOptions>;
}

async function setUp(t: TestContext, setting: Setting = {}) {
  const { pair = certificates.server, answer = OK, host = 'localhost' } = setting;
  const server: TlsServer = await startTlsServer(pair, answer, setting.server);
  t.after(() => server.close());
  const options = { tls: { ca: certificates.ca, ...setting.tls } };
  const url = `https://${host}:${server.port}/`;
  return { server, bench: await httpBench(t, { url, options, ...setting.bench }) };
}

describe('https', () => {
  it('sends requests over one connection, with the handshake as a phase of its own', async (t) => {
    const { server, bench } = await setUp(t);
    const session = bench.driver.open(0);
    const first = await bench.run(session, request());
    assert.equal(first.outcome, 'ok');
    const { connect_time: connectNs, tls_time: tlsNs } = first.phases;
    assert.ok(tlsNs! > 0 && tlsNs! < connectNs!, `${tlsNs} of ${connectNs}`);
    for (let count = 0; count < 3; count++) {
      const later = await bench.run(session, request());
      assert.equal(later.outcome, 'ok');
      assert.deepEqual(Object.keys(later.phases), ['first_byte_time']);
      assert.equal(later.bytesReceived, OK.length);
    }
    assert.equal(server.sockets.length, 1);
    assert.deepEqual(bench.reasons(), {});
  });

  it('reads an answer of many records', async (t) => {
    const body = Buffer.alloc(300_000, 'x');
    const head = Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
    const { bench } = await setUp(t, { answer: Buffer.concat([head, body]) });
    const session = bench.driver.open(0);
    const record = await bench.run(session, request({}, { reads: ['text'] }));
    assert.equal(record.outcome, 'ok');
    assert.equal(session.result['text'], body.toString());
  });

  it('names the host it asks for, and HTTP/1.1', async (t) => {
    const asked: string[] = [];
    const { server, bench } = await setUp(t, {
      server: {
        ALPNProtocols: ['h2', 'http/1.1'],
        SNICallback: (name, callback) => {
          asked.push(name);
          callback(null);
        },
      },
    });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'ok');
    assert.deepEqual(asked, ['localhost']);
    assert.equal(server.sockets[0]!.alpnProtocol, 'http/1.1');
  });

  it('may ask an address for another name', async (t) => {
    const { bench } = await setUp(t, {
      pair: certificates.otherName,
      host: '127.0.0.1',
      tls: { serverName: 'other.test' },
    });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'ok');
  });

  it('accepts a certificate for the address that the url names', async (t) => {
    const { bench } = await setUp(t, { host: '127.0.0.1' });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'ok');
  });
});

const REFUSED: readonly (readonly [title: string, setting: () => Setting, reason: string])[] = [
  ['that expired', () => ({ pair: certificates.expired }), 'certificate expired'],
  ['that is self-signed', () => ({ pair: certificates.selfSigned }), 'certificate self-signed'],
  ['for another name', () => ({ pair: certificates.otherName }), 'certificate not for localhost'],
  [
    'for another address',
    () => ({ pair: certificates.otherName, host: '127.0.0.1' }),
    'certificate not for 127.0.0.1',
  ],
  [
    'of an authority that is not trusted',
    () => ({ tls: { ca: certificates.selfSigned.cert } }),
    'certificate signed by an unknown authority',
  ],
];

describe('a certificate', () => {
  for (const [title, setting, reason] of REFUSED) {
    it(`${title} fails the connection, in plain words; insecure accepts it`, async (t) => {
      const { bench } = await setUp(t, setting());
      const session = bench.driver.open(0);
      const record = await bench.run(session, request());
      assert.equal(record.outcome, 'connect_failed');
      assert.deepEqual([record.sent, record.bytesSent], [0, 0]);
      assert.deepEqual(bench.reasons(), { [reason]: 1 });
      assert.equal(await session.connect(), false);
      const { tls } = setting();
      const trusting = await setUp(t, { ...setting(), tls: { ...tls, insecure: true } });
      const accepted = await trusting.bench.run(trusting.bench.driver.open(0), request());
      assert.equal(accepted.outcome, 'ok');
    });
  }
});

describe('TLS', () => {
  it('shows the server a certificate where it has one', async (t) => {
    const ca = readFileSync(certificates.ca);
    const { server, bench } = await setUp(t, {
      server: { ca, requestCert: true, rejectUnauthorized: true },
      tls: certificates.client,
    });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'ok');
    assert.equal(server.sockets[0]!.getPeerCertificate().subject.CN, 'client');
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`says so when the server asks for a certificate and there is none (${version})`, async (t) => {
      const ca = readFileSync(certificates.ca);
      const { bench } = await setUp(t, {
        server: { ca, requestCert: true, rejectUnauthorized: true, maxVersion: version },
      });
      const record = await bench.run(bench.driver.open(0), request());
      assert.ok(['connect_failed', 'connection_lost'].includes(record.outcome), record.outcome);
      const reasons = Object.keys(bench.reasons());
      assert.match(reasons.join(), /client certificate|handshake|closed|ECONNRESET/);
    });
  }

  it('keeps to the versions it is given', async (t) => {
    const { server, bench } = await setUp(t, { tls: { maxVersion: 'TLSv1.2' } });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'ok');
    assert.equal(server.sockets[0]!.getProtocol(), 'TLSv1.2');
    const old = await setUp(t, {
      server: { maxVersion: 'TLSv1.2' },
      tls: { minVersion: 'TLSv1.3' },
    });
    assert.equal(
      (await old.bench.run(old.bench.driver.open(0), request())).outcome,
      'connect_failed',
    );
    assert.deepEqual(old.bench.reasons(), { 'no TLS version in common': 1 });
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`resumes sessions only where it is told to (${maxVersion})`, async (t) => {
      for (const resume of [false, true]) {
        const { server, bench } = await setUp(t, {
          tls: { resume, maxVersion },
          bench: { connection: 'perRequest' },
        });
        const session = bench.driver.open(0);
        for (let count = 0; count < 3; count++) {
          assert.equal((await bench.run(session, request())).outcome, 'ok');
        }
        assert.deepEqual(server.resumed, [false, resume, resume]);
      }
    });
  }

  it('to a server that speaks none fails the connection', async (t) => {
    const plain = await startScriptedServer(({ socket }) => {
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    t.after(() => plain.close());
    const bench = await httpBench(t, { url: `https://127.0.0.1:${plain.port}` });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'connect_failed');
    assert.deepEqual(bench.reasons(), { 'no TLS spoken there': 1 });
  });

  it('to a server that closes during the handshake fails the connection', async (t) => {
    const closing = await startScriptedServer(({ socket }) => {
      socket.on('data', () => socket.end());
    });
    t.after(() => closing.close());
    const bench = await httpBench(t, { url: `https://127.0.0.1:${closing.port}` });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'connect_failed');
    assert.deepEqual(bench.reasons(), { 'closed during the TLS handshake': 1 });
  });

  it('to a server that never answers is given up after the timeout of connecting', async (t) => {
    const silent = await startScriptedServer(() => {});
    t.after(() => silent.close());
    const bench = await httpBench(t, {
      url: `https://127.0.0.1:${silent.port}`,
      connectTimeoutMs: 100,
    });
    assert.equal((await bench.run(bench.driver.open(0), request())).outcome, 'connect_failed');
    assert.deepEqual(bench.reasons(), { 'not connected within 100 ms': 1 });
  });

  it('finds a connection that the server closed while idle, and opens another', async (t) => {
    const { server, bench } = await setUp(t);
    const session = bench.driver.open(0);
    await bench.run(session, request());
    server.sockets[0]!.end();
    while (session.usable) await new Promise((resolve) => setImmediate(resolve));
    assert.equal((await bench.run(session, request())).outcome, 'ok');
    assert.equal(server.sockets.length, 2);
    assert.deepEqual(bench.reasons(), {});
  });

  it('cut off within an answer loses the connection', async (t) => {
    const { server, bench } = await setUp(t, {
      answer: 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nonly',
    });
    const session = bench.driver.open(0);
    await session.connect();
    const running = bench.run(session, request());
    while (server.sockets[0] === undefined || server.sockets[0].bytesRead === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    server.sockets[0].end();
    assert.equal((await running).outcome, 'connection_lost');
    assert.deepEqual(bench.reasons(), { 'answer cut off': 1 });
  });

  it('cannot be set up with a file that is missing, or holds something else', async (t) => {
    const nonsense = join(certificates.folder, 'nonsense.pem');
    writeFileSync(nonsense, 'no certificate');
    const { cert } = certificates.client;
    for (const tls of [{ ca: 'missing.pem' }, { cert, key: nonsense }]) {
      await assert.rejects(
        httpBench(t, { url: 'https://127.0.0.1:1', options: { tls } }),
        (error) => error instanceof LoadgenError && error.code === 'TARGET_NOT_USABLE',
      );
    }
  });
});

describe('http beside https', () => {
  it('has no handshake to show', async (t) => {
    const server = await startScriptedServer(answering(OK));
    t.after(() => server.close());
    const bench = await httpBench(t, { url: server.url });
    const { phases } = await bench.run(bench.driver.open(0), request());
    assert.deepEqual(Object.keys(phases), ['connect_time', 'first_byte_time']);
  });
});
