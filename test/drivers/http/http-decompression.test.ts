import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { answering } from '../../support/scripted-server.ts';
import { request, scripted } from './http-fixture.ts';

const TEXT = JSON.stringify({ text: 'naïve café '.repeat(500) });

function answer(coding: string, body: Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

async function reading(t: TestContext, coding: string, body: Buffer, decompress = true) {
  const options = { decompress };
  const { bench, server } = await scripted(t, answering(answer(coding, body)), { options });
  const session = bench.driver.open(0);
  const record = await bench.run(session, request({}, { reads: ['json', 'text'] }));
  return { bench, server, session, record };
}

describe('decompression', () => {
  for (const [coding, body] of [
    ['gzip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateRawSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['zstd', zstdCompressSync(TEXT)],
    ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
    ['identity', Buffer.from(TEXT)],
  ] as const) {
    it(`reads ${coding} (${body.length} bytes)`, async (t) => {
      const { server, session, record } = await reading(t, coding, body);
      assert.equal(record.outcome, 'ok');
      assert.deepEqual(session.result['json'], JSON.parse(TEXT));
      assert.equal(session.result['text'], TEXT);
      assert.match(
        server.connections[0]!.received(),
        /\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n/,
      );
      assert.ok(record.bytesReceived < body.length + 200, 'bytes are those on the wire');
    });
  }

  it('is not done, nor asked for, unless the target says so', async (t) => {
    const body = gzipSync(TEXT);
    const { server, session } = await reading(t, 'gzip', body, false);
    assert.equal(session.result['json'], undefined);
    assert.doesNotMatch(server.connections[0]!.received(), /accept-encoding/i);
  });

  for (const [title, coding, body, reason] of [
    ['a bomb', 'gzip', gzipSync(Buffer.alloc(64 * 2 ** 20)), 'decompressed body over 32 MiB'],
    [
      'a bomb of br',
      'br',
      brotliCompressSync(Buffer.alloc(64 * 2 ** 20)),
      'decompressed body over 32 MiB',
    ],
    [
      'a bomb of zstd',
      'zstd',
      zstdCompressSync(Buffer.alloc(64 * 2 ** 20)),
      'decompressed body over 32 MiB',
    ],
    ['what is no gzip', 'gzip', Buffer.from(TEXT), 'body is no gzip'],
    ['half a body', 'gzip', gzipSync(TEXT).subarray(0, 40), 'body is no gzip'],
    ['a coding that nobody knows', 'rot13', Buffer.from(TEXT), 'content-encoding rot13'],
    [
      'too many codings',
      'gzip, gzip, gzip, gzip, gzip',
      gzipSync(TEXT),
      'too many content-codings',
    ],
  ] as const) {
    it(`of ${title} gives nothing to read, and says so`, async (t) => {
      const { bench, session } = await reading(t, coding, body);
      const before = process.memoryUsage().rss;
      assert.equal(session.result['text'], undefined);
      assert.equal(session.result['json'], undefined);
      assert.ok(process.memoryUsage().rss - before < 150 * 2 ** 20);
      assert.deepEqual(bench.reasons(), { [reason]: 1 });
    });
  }
});
