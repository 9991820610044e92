import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it, type TestContext } from 'node:test';
import { makeCertificates, type Certificates } from '../../../support/certificates.ts';
import { grpcBench } from '../../../drivers/grpc/grpc-bench.ts';

const INSTALL = join(import.meta.dirname, '../../servers/grpc-go/install.sh');
const isInstalled = spawnSync('bash', [INSTALL, '--check']).status === 0;
const skip = isInstalled ? false : `the grpc-go server is not there: bash ${INSTALL}`;

let certificates: Certificates;
before(() => (certificates = makeCertificates()));
after(() => certificates.remove());

async function startGo(t: TestContext, ...flags: readonly string[]): Promise<string> {
  const program = spawnSync('bash', [INSTALL, '--path'], { encoding: 'utf8' }).stdout.trim();
  const stdio = ['ignore', 'ignore', 'pipe'] as const;
  const child = spawn(program, ['--address', '127.0.0.1:0', ...flags], { stdio: [...stdio] });
  t.after(() => child.kill('SIGTERM'));
  const [line] = (await once(createInterface(child.stderr!), 'line')) as [string];
  return /listening on (\S+)/.exec(line)![1]!;
}

const call = (method: string, spec: object) => ({
  verb: 'call',
  spec: { method: `grpc.testing.TestService/${method}`, ...spec },
  reads: ['messages', 'code'],
});

for (const client of ['raw', 'sdk'] as const) {
  for (const security of ['plain', 'tls'] as const) {
    describe(`client: ${client} and grpc-go, ${security}`, { skip }, () => {
      it('speak all kinds of methods by definitions that the server gives', async (t) => {
        const { cert, key } = certificates.server;
        const isPlain = security === 'plain';
        const address = await startGo(t, ...(isPlain ? [] : ['--cert', cert, '--key', key]));
        const port = address.split(':').at(-1)!;
        const url = isPlain ? `grpc://${address}` : `grpcs://localhost:${port}`;
        const target = { client, ...(!isPlain && { tls: { ca: certificates.ca } }) };
        const bench = await grpcBench(t, { url, target });
        const session = bench.driver.open(0);
        const bodies = (): number[] =>
          (session.result['messages'] as readonly { payload: { body: Buffer } }[]).map(
            ({ payload }) => payload.body.length,
          );
        const run = async (step: ReturnType<typeof call>): Promise<string> =>
          (await bench.run(session, step)).outcome;
        assert.equal(await run(call('EmptyCall', {})), 'ok');
        assert.equal(await run(call('UnaryCall', { message: { response_size: 300_000 } })), 'ok');
        assert.deepEqual(bodies(), [300_000]);
        const sizes = [{ size: 31_415 }, { size: 9 }, { size: 2653 }];
        const streamed = { message: { response_parameters: sizes } };
        assert.equal(await run(call('StreamingOutputCall', streamed)), 'ok');
        assert.deepEqual(bodies(), [31_415, 9, 2653]);
        const body = Buffer.alloc(27_182).toString('base64');
        const collected = { messages: [{ payload: { body } }, { payload: { body } }] };
        assert.equal(await run(call('StreamingInputCall', collected)), 'ok');
        assert.deepEqual(session.result['messages'], [{ aggregated_payload_size: 54_364 }]);
        const each = { messages: sizes.map((size) => ({ response_parameters: [size] })) };
        assert.equal(await run(call('FullDuplexCall', each)), 'ok');
        assert.deepEqual(bodies(), [31_415, 9, 2653]);
        const refused = { message: { response_status: { code: 8, message: 'full' } } };
        assert.equal(await run(call('UnaryCall', refused)), 'rejected');
        assert.equal(session.result['code'], 'RESOURCE_EXHAUSTED');
        assert.equal(await run(call('UnimplementedCall', {})), 'status_error');
      });
    });
  }
}
