import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it, type TestContext } from 'node:test';
import { makeCertificates, type Certificates } from '../../support/certificates.ts';
import { call, FAULTS_PROTO } from './fixture.ts';
import { grpcBench } from './grpc-bench.ts';
import { grpcPython, skipWithoutGrpcPython } from './grpc-python/environment.ts';

const SERVER = join(import.meta.dirname, 'grpc-python/server.py');
const skip = skipWithoutGrpcPython;

let certificates: Certificates;
before(() => (certificates = makeCertificates()));
after(() => certificates.remove());

async function startPython(t: TestContext, flags: readonly string[]): Promise<number> {
  const child = spawn(grpcPython!, [SERVER, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PYTHONPATH: dirname(FAULTS_PROTO) },
  });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return Number(line);
}

interface Reply {
  readonly text: string;
  readonly number: number;
  readonly padding: Buffer;
}

const SECURITIES = ['plain', 'tls', 'mutual'] as const;

function flagsOf(security: (typeof SECURITIES)[number]): string[] {
  const { ca, server } = certificates;
  if (security === 'plain') return [];
  const pair = ['--cert', server.cert, '--key', server.key];
  return security === 'mutual' ? [...pair, '--client-ca', ca] : pair;
}

function targetOf(security: (typeof SECURITIES)[number], port: number) {
  if (security === 'plain') return { url: `grpc://127.0.0.1:${port}`, tls: {} };
  const { ca, client } = certificates;
  const tls = { ca, ...(security === 'mutual' && client) };
  return { url: `grpcs://localhost:${port}`, tls: { tls } };
}

for (const client of ['raw', 'sdk'] as const) {
  for (const security of SECURITIES) {
    describe(`client: ${client} and gRPC’s core in C, ${security}`, { skip }, () => {
      it('speak all kinds of methods by definitions that the server gives', async (t) => {
        const { url, tls } = targetOf(security, await startPython(t, flagsOf(security)));
        const bench = await grpcBench(t, { url, target: { client, ...tls } });
        const session = bench.driver.open(0);
        const run = async (method: string, spec: object): Promise<string> => {
          const step = { verb: 'call', spec: { method: `faults.v1.Faults/${method}`, ...spec } };
          return (await bench.run(session, { ...step, reads: ['messages', 'code'] })).outcome;
        };
        const replies = (): unknown[] =>
          (session.result['messages'] as Reply[]).map(({ text, number, padding }) => {
            return [text, number, padding.length];
          });
        // Beyond every first window, both ways.
        const long = 'naïve 東京 '.repeat(20_000);
        assert.equal(await run('Call', { message: { text: long, bytes: 300_000 } }), 'ok');
        assert.deepEqual(replies(), [[long, 1, 300_000]]);
        const streamed = { text: 'a', count: 4, bytes: 50_000, delay_ms: 2 };
        assert.equal(await run('Stream', { message: streamed }), 'ok');
        assert.deepEqual(
          replies(),
          [1, 2, 3, 4].map((number) => ['a', number, 50_000]),
        );
        const texts = Array.from({ length: 30 }, (_, index) => `${index}${'-'.repeat(5000)}`);
        const messages = texts.map((text) => ({ text }));
        assert.equal(await run('Collect', { messages }), 'ok');
        assert.deepEqual(replies(), [[texts.join(' '), 30, 0]]);
        assert.equal(await run('Chat', { messages }), 'ok');
        assert.deepEqual(
          replies(),
          texts.map((text, index) => [text, index + 1, 0]),
        );
        assert.equal(await run('Stream', { message: { count: 0 } }), 'ok');
        assert.deepEqual(replies(), []);
        const full = { message: { fault: 'RESOURCE_EXHAUSTED' } };
        assert.equal(await run('Call', full), 'rejected');
        assert.equal(session.result['code'], 'RESOURCE_EXHAUSTED');
        assert.equal(session.result['statusMessage'], 'told so – 本');
        assert.deepEqual(bench.reasons(), { 'status RESOURCE_EXHAUSTED': 1 });
      });
    });
  }
}

it('many calls share one connection to gRPC’s core in C', { skip }, async (t) => {
  const url = `grpc://127.0.0.1:${await startPython(t, [])}`;
  const target = { proto: [FAULTS_PROTO], compression: 'gzip' };
  const bench = await grpcBench(t, { url, target, connections: 1 });
  const texts = await Promise.all(
    Array.from({ length: 32 }, async (_, slot) => {
      const session = bench.driver.open(slot);
      const step = { ...call({ text: `slot ${slot}`, bytes: 20_000 }), reads: ['message'] };
      for (let count = 0; count < 5; count++) {
        assert.equal((await bench.run(session, step, { slot })).outcome, 'ok');
      }
      return (session.result['message'] as Reply).text;
    }),
  );
  assert.deepEqual(
    texts,
    texts.map((_, slot) => `slot ${slot}`),
  );
  assert.equal(bench.driver.openConnections!(), 1);
});

it('a call that gRPC’s core in C does not answer in time is a timeout', { skip }, async (t) => {
  const url = `grpc://127.0.0.1:${await startPython(t, [])}`;
  const bench = await grpcBench(t, { url, target: { proto: [FAULTS_PROTO] } });
  const session = bench.driver.open(0);
  const slow = { ...call({ text: 'a', delay_ms: 2000 }), timeoutMs: 80 };
  assert.equal((await bench.run(session, slow)).outcome, 'timeout');
  assert.equal((await bench.run(session, call({ text: 'b' }))).outcome, 'ok');
});
