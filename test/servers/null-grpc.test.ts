import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Client, credentials } from '@grpc/grpc-js';
import fc from 'fast-check';
import { FrameSplitter } from '../../servers/null-grpc/frame-splitter.ts';
import { startNullGrpc } from '../../servers/null-grpc/server.ts';

test('the null server answers every call of grpc-js with an empty message, large ones too', async (t) => {
  const server = await startNullGrpc({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const client = new Client(new URL(server.url).host, credentials.createInsecure());
  t.after(() => client.close());
  const call = promisify(
    (message: Buffer, answered: (error: Error | null, value?: Buffer) => void) =>
      client.makeUnaryRequest<Buffer, Buffer>(
        '/any.Service/Method',
        (bytes) => bytes,
        (bytes) => bytes,
        message,
        answered,
      ),
  );
  const sizes = [0, 1, 16_384, 70_000, 1_000_000];
  const answers = await Promise.all(sizes.map((size) => call(Buffer.alloc(size))));
  for (const answer of answers) assert.equal(answer!.length, 0);
});

test('frames are found however the bytes are cut', () => {
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  const frame = Buffer.from('000003000100000007616263', 'hex');
  const bytes = Buffer.concat([preface, frame, frame, frame]);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (places) => {
      const splitter = new FrameSplitter();
      const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
      const found: string[] = [];
      for (const [index, cut] of cuts.slice(1).entries()) {
        splitter.push(bytes.subarray(cuts[index], cut), ({ streamId, payload }) => {
          found.push(`${streamId}:${payload.toString()}`);
        });
      }
      assert.deepEqual(found, ['7:abc', '7:abc', '7:abc']);
    }),
  );
});
