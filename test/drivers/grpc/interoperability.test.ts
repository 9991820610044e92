import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { ServerCredentials } from '@grpc/grpc-js';
import {
  startEmbeddingGrpc,
  type EmbeddingGrpcServer,
} from '../../../servers/embedding-grpc/server.ts';
import { embed } from '../../../servers/embedding-node/embedding.ts';
import { makeCertificates, type Certificates } from '../../support/certificates.ts';
import { startCountingProxy } from '../../support/counting-proxy.ts';
import type { StepOptions } from '../../support/driver-bench.ts';
import { grpcBench } from './grpc-bench.ts';

const PROTO = join(import.meta.dirname, '../../../scenarios/grpc/protos/embed/v1/embed.proto');
const SERVED = join(import.meta.dirname, '../../../servers/embedding-grpc/embed.proto');

let certificates: Certificates;
before(() => (certificates = makeCertificates()));
after(() => certificates.remove());

async function serve(
  t: TestContext,
  security: 'plain' | 'tls' | 'mutual',
): Promise<EmbeddingGrpcServer> {
  const { ca, server } = certificates;
  const pair = { cert_chain: readFileSync(server.cert), private_key: readFileSync(server.key) };
  const credentials =
    security === 'plain'
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(readFileSync(ca), [pair], security === 'mutual');
  const place = { host: '127.0.0.1', port: 0, protoFile: SERVED };
  const running = await startEmbeddingGrpc(place, credentials);
  t.after(() => running.close());
  return running;
}

const step = (method: string, spec: object, others: Partial<StepOptions> = {}): StepOptions => ({
  verb: 'call',
  spec: { method: `embed.v1.Embedder/${method}`, ...spec },
  reads: ['messages', 'code'],
  ...others,
});

interface Reply {
  readonly values: readonly number[];
  readonly words: number;
}

function vectorOf(text: string): number[] {
  return [...embed(text)];
}

for (const client of ['raw', 'sdk'] as const) {
  describe(`client: ${client} and a server of @grpc/grpc-js`, () => {
    for (const security of ['plain', 'tls', 'mutual'] as const) {
      it(`speak all kinds of methods, ${security}`, async (t) => {
        const { port } = await serve(t, security);
        const { ca, client: pair } = certificates;
        const isMutual = security === 'mutual';
        const tls = { ca, ...(isMutual && { cert: pair.cert, key: pair.key }) };
        const isPlain = security === 'plain';
        const url = `${isPlain ? 'grpc' : 'grpcs'}://localhost:${port}`;
        const target = { client, proto: [PROTO], ...(!isPlain && { tls }) };
        const bench = await grpcBench(t, { url, target });
        const session = bench.driver.open(0);
        assert.equal(await session.connect(), true);
        const messages = () => session.result['messages'] as readonly Reply[];

        const unary = await bench.run(session, step('Embed', { message: { text: 'some words' } }));
        assert.equal(unary.outcome, 'ok');
        assert.deepEqual(messages(), [{ values: vectorOf('some words'), words: 2 }]);

        const words = { message: { text: 'one two three', pause_ms: 5 } };
        const streamed = await bench.run(session, step('EmbedWords', words));
        assert.equal(streamed.outcome, 'ok');
        const expected = ['one', 'two', 'three'].map((text) => vectorOf(text));
        assert.deepEqual(
          messages().map(({ values }) => values),
          expected,
        );
        assert.equal(bench.slots.samples[0]!.count(0), 2);
        assert.ok(streamed.done - streamed.sent >= 10e6);

        const all = step('EmbedAll', { messages: [{ text: 'a' }, { text: 'b c' }] });
        assert.equal((await bench.run(session, all)).outcome, 'ok');
        assert.equal(messages()[0]!.words, 3);

        const each = step('EmbedEach', { messages: [{ text: 'a' }, { text: 'b c' }] });
        assert.equal((await bench.run(session, each)).outcome, 'ok');
        assert.deepEqual(
          messages().map(({ words: count }) => count),
          [1, 2],
        );

        const bad = await bench.run(session, step('Embed', { message: { text: ' ' } }));
        assert.deepEqual(
          [bad.outcome, session.result['code']],
          ['status_error', 'INVALID_ARGUMENT'],
        );
        assert.deepEqual(bench.reasons(), { 'status INVALID_ARGUMENT': 1 });
      });
    }

    it('end a call when its time is up, and hear of a server that is not there', async (t) => {
      const running = await serve(t, 'plain');
      // The server is told the timeout and may say by its own clock that it is over.
      const proxy = await startCountingProxy(running.port);
      t.after(() => proxy.close());
      const target = { client, proto: [PROTO] };
      const muted = await grpcBench(t, { url: `grpc://127.0.0.1:${proxy.port}`, target });
      const waiting = muted.driver.open(0);
      await waiting.connect();
      proxy.mute();
      const slow = step('EmbedWords', { message: { text: 'a b c', pause_ms: 2000 } });
      const late = await muted.run(waiting, { ...slow, timeoutMs: 80 });
      assert.equal(late.outcome, 'timeout');
      assert.ok(late.done - late.granted >= 80e6);

      const bench = await grpcBench(t, { url: `grpc://127.0.0.1:${running.port}`, target });
      const session = bench.driver.open(0);
      assert.equal((await bench.run(session, { ...slow, timeoutMs: 80 })).outcome, 'timeout');
      const open = bench.run(session, slow);
      setTimeout(() => running.close(), 50);
      assert.equal((await open).outcome, 'connection_lost');
      assert.equal((await bench.run(session, slow)).outcome, 'connect_failed');
    });

    it('compress messages both ways where they are told to', async (t) => {
      const { port } = await serve(t, 'plain');
      const url = `grpc://127.0.0.1:${port}`;
      for (const compression of ['gzip', 'deflate']) {
        const bench = await grpcBench(t, { url, target: { client, compression, proto: [PROTO] } });
        const text = 'word '.repeat(400).trim();
        const record = await bench.run(bench.driver.open(0), step('Embed', { message: { text } }));
        assert.equal(record.outcome, 'ok');
        if (client === 'raw') assert.ok(record.bytesSent < 700, `${record.bytesSent} bytes`);
      }
    });
  });
}

it('a certificate for another name, or none to trust, is no connection', async (t) => {
  const { port } = await serve(t, 'tls');
  const url = `grpcs://localhost:${port}`;
  for (const tls of [{}, { ca: certificates.ca, serverName: 'other.test' }]) {
    const bench = await grpcBench(t, { url, target: { proto: [PROTO], tls } });
    const record = await bench.run(bench.driver.open(0), step('Embed', { message: { text: 'a' } }));
    assert.equal(record.outcome, 'connect_failed');
    assert.match(Object.keys(bench.reasons())[0]!, /certificate/);
  }
});
