import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { portOf, requestFields, TestClient, type Answer } from './test-client.ts';

/** A frame, written by hand. */
function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const SETTINGS = frame(4, 0, 0);
/** `:status: 200`, and no more headers. */
const HEADERS = frame(1, 4, 1, hex('88'));
const GOAWAY_AFTER_1 = frame(7, 0, 0, hex('00000001 00000000'));

async function serve(t: TestContext, serveOne: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    serveOne(socket);
  });
  t.after(() => server.close());
  return await portOf(server);
}

/** Answers the first stream with these frames, and closes if told so. */
async function answerOf(
  t: TestContext,
  frames: readonly Buffer[],
  { closes = false, cutBytes }: { closes?: boolean; cutBytes?: number } = {},
): Promise<{ answer: Answer; client: TestClient; said: Buffer }> {
  let said: Buffer = Buffer.alloc(0);
  const port = await serve(t, (socket) => {
    let isAnswered = false;
    socket.write(SETTINGS);
    socket.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]);
      // A HEADERS frame of stream 1.
      if (isAnswered || !said.includes(hex('01 05 00000001'))) return;
      isAnswered = true;
      socket.write(Buffer.concat(frames));
      if (closes) socket.end();
    });
  });
  const client = await new TestClient(port, () => cutBytes ?? 65_536).untilReady();
  const answer = await client.ask({ fields: requestFields('GET', '/') });
  t.after(() => client.connection.destroy());
  return { answer, client, said };
}

const DONE = frame(0, 1, 1, hex('6f6b'));

describe('a server that answers by hand', () => {
  const sound: readonly (readonly [title: string, frames: readonly Buffer[]])[] = [
    ['a plain answer', [HEADERS, DONE]],
    ['padding', [frame(1, 4 | 8, 1, hex('02 88 0000')), frame(0, 1 | 8, 1, hex('03 6f6b 000000'))]],
    ['a priority within the headers', [frame(1, 4 | 0x20, 1, hex('80000000 10 88')), DONE]],
    [
      'headers in several frames',
      [frame(1, 0, 1), frame(9, 0, 1, hex('88')), frame(9, 4, 1), DONE],
    ],
    [
      'data in many frames',
      [HEADERS, frame(0, 0, 1, hex('6f')), frame(0, 0, 1), frame(0, 1, 1, hex('6b'))],
    ],
    [
      'frames of types that nobody knows',
      [frame(0x55, 0xff, 1, hex('00')), HEADERS, frame(0x56, 0, 0), DONE],
    ],
    [
      'a PING, priorities and new SETTINGS between',
      [
        frame(6, 0, 0, Buffer.alloc(8)),
        HEADERS,
        frame(2, 0, 1, Buffer.alloc(5)),
        frame(4, 0, 0, hex('0004 00100000')),
        DONE,
      ],
    ],
  ];
  for (const [title, frames] of sound) {
    for (const cutBytes of [undefined, 1, 5]) {
      it(`is read with ${title}, cut after ${cutBytes ?? 'no'} bytes`, async (t) => {
        const options = cutBytes === undefined ? {} : { cutBytes };
        const { answer, client } = await answerOf(t, frames, options);
        assert.equal(answer.failure, undefined);
        assert.equal(answer.body.toString(), 'ok');
        assert.equal(answer.headers[0]![0]!.value, '200');
        assert.equal(client.connection.hasRoom, true);
        const total = answer.stream.bytesReceived + client.traffic.receivedBytes;
        assert.equal(total, SETTINGS.length + Buffer.concat(frames).length);
      });
    }
  }

  it('may say that it goes away, and still answers what it took; the rest was refused', async (t) => {
    const port = await serve(t, (socket) => {
      socket.write(SETTINGS);
      socket.on('data', (chunk: Buffer) => {
        if (!chunk.includes(hex('01 05 00000003'))) return;
        socket.write(Buffer.concat([GOAWAY_AFTER_1, HEADERS]));
        setTimeout(() => socket.write(DONE), 20);
      });
    });
    const client = await new TestClient(port).untilReady();
    const fields = requestFields('GET', '/');
    const first = client.ask({ fields });
    const second = await client.ask({ fields });
    assert.deepEqual(second.failure, {
      kind: 'refused',
      code: 'NO_ERROR',
      reason: 'server going away: NO_ERROR',
    });
    assert.equal(client.connection.hasRoom, false);
    assert.equal(client.closingFailure, undefined);
    assert.equal((await first).body.toString(), 'ok');
    assert.equal(client.connection.openStreams, 0);
  });

  const broken: readonly (readonly [title: string, frames: readonly Buffer[], reason: RegExp])[] = [
    ['a frame beyond the limit', [Buffer.from([0, 0x40, 1, 0, 0, 0, 0, 0, 1])], /over 16384/],
    ['a header index of nothing', [frame(1, 4, 1, hex('ff00'))], /unknown header index/],
    ['data between header frames', [frame(1, 0, 1, hex('88')), DONE], /out of order/],
    ['a continuation of nothing', [frame(9, 4, 1, hex('88'))], /out of order/],
    [
      'a continuation of another stream',
      [frame(1, 0, 1, hex('88')), frame(9, 4, 3)],
      /out of order/,
    ],
    ['headers of a stream nobody opened', [frame(1, 4, 7, hex('88'))], /nobody opened/],
    ['headers of an even stream', [frame(1, 4, 2, hex('88'))], /nobody opened/],
    ['data of stream 0', [frame(0, 0, 0, hex('00'))], /nobody opened/],
    ['padding longer than its frame', [HEADERS, frame(0, 8, 1, hex('05 00'))], /padding/],
    ['a push', [frame(5, 4, 1, hex('00000002 82'))], /push/],
    ['a WINDOW_UPDATE of nothing', [frame(8, 0, 0, hex('00000000'))], /WINDOW_UPDATE/],
    ['a window beyond any', [frame(8, 0, 0, hex('7fffffff'))], /larger than any/],
    ['SETTINGS of a bad length', [frame(4, 0, 0, hex('00'))], /bad frame/],
    ['a window size beyond any', [frame(4, 0, 0, hex('0004 80000000'))], /larger than any/],
    ['a PING of a bad length', [frame(6, 0, 0, hex('00'))], /bad frame/],
    ['a GOAWAY of a bad length', [frame(7, 0, 0, hex('00'))], /bad frame/],
    ['an RST_STREAM of a bad length', [frame(3, 0, 1, hex('00'))], /bad frame/],
    [
      'continuations without end',
      [frame(1, 0, 1), ...Array.from({ length: 100 }, () => frame(9, 0, 1))],
      /header block over/,
    ],
    [
      'a header block without end',
      [
        frame(1, 0, 1, Buffer.alloc(16_000)),
        ...Array.from({ length: 5 }, () => frame(9, 0, 1, Buffer.alloc(16_000))),
      ],
      /header block over/,
    ],
    [
      'header fields that grow when they are read',
      // A field of 4,000 bytes is remembered, and then named 100 times.
      [
        frame(1, 0, 1, Buffer.concat([hex('4001 61 7fa11e'), Buffer.alloc(4000, 'b')])),
        frame(9, 4, 1, Buffer.alloc(100, 0xbe)),
      ],
      /header fields over/,
    ],
  ];
  for (const [title, frames, reason] of broken) {
    it(`is left for ${title}`, async (t) => {
      for (const cutBytes of [65_536, 1]) {
        const { answer, client } = await answerOf(t, frames, { cutBytes });
        assert.equal(answer.failure?.kind, 'protocol');
        assert.match(answer.failure.reason, reason);
        assert.match(client.closingFailure ?? '', reason);
        assert.equal(client.connection.hasRoom, false);
      }
    });
  }

  it('loses its streams when it closes the connection in the middle of a frame', async (t) => {
    const { answer, client } = await answerOf(t, [HEADERS, DONE.subarray(0, 7)], { closes: true });
    assert.deepEqual(answer.failure, { kind: 'lost', reason: 'connection closed' });
    const received = answer.stream.bytesReceived + client.traffic.receivedBytes;
    assert.equal(received, SETTINGS.length + HEADERS.length + 7);
  });

  it('is no HTTP/2 server where it begins with something else', async (t) => {
    const port = await serve(t, (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const client = await new TestClient(port).untilReady();
    assert.match(client.closingFailure ?? '', /over 16384|no HTTP\/2/);
  });

  it('is not asked to read more than it takes, and does not fill our memory with its PINGs', async (t) => {
    const port = await serve(t, (socket) => {
      socket.write(SETTINGS);
      socket.pause();
      const pings = Buffer.concat(
        Array.from({ length: 10_000 }, () => frame(6, 0, 0, Buffer.alloc(8))),
      );
      const more = (): void => {
        for (let count = 0; count < 20 && !socket.destroyed; count++) socket.write(pings);
        if (!socket.destroyed) setTimeout(more, 5);
      };
      more();
    });
    const client = await new TestClient(port).untilReady();
    await client.untilClosing();
    assert.match(client.closingFailure ?? '', /flood of PING/);
  });
});
