import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { NotFramed, RequestFramer } from '../../servers/null-http/request-framer.ts';
import { startNullServer } from '../../servers/null-http/server.ts';

const GET = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n';
const POST = 'POST /b HTTP/1.1\r\nContent-Length: 9\r\n\r\n\r\n\r\nGET /';

test('requests are counted once each, however their bytes are cut', () => {
  const bytes = Buffer.from(GET + POST + GET + POST + POST);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (places) => {
      const framer = new RequestFramer();
      const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
      const counts = cuts.slice(1).map((end, index) => {
        return framer.push(bytes.subarray(cuts[index], end)).count;
      });
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        5,
      );
    }),
  );
});

test('a request is whole with the last byte of its body and not before', () => {
  const framer = new RequestFramer();
  assert.equal(framer.push(Buffer.from(POST.slice(0, -1))).count, 0);
  assert.equal(framer.push(Buffer.from(POST.slice(-1))).count, 1);
});

test('bodies in chunks and heads without an end are refused', () => {
  const chunked = 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
  assert.throws(() => new RequestFramer().push(Buffer.from(chunked)), NotFramed);
  assert.throws(() => new RequestFramer().push(Buffer.alloc(70_000, 'a')), NotFramed);
});

/** Everything that comes back on a connection of its own until the server closes it. */
async function ask(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  let text = '';
  socket.setEncoding('latin1').on('data', (more: string) => (text += more));
  await once(socket, 'close');
  return text;
}

test('any request is answered alike, a HEAD without a body, and a close is obeyed', async () => {
  const server = await startNullServer({ host: '127.0.0.1', port: 0 });
  try {
    const port = Number(new URL(server.url).port);
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await fetch(`${server.url}/any`, {
        method,
        ...(method === 'POST' && { body: 'x' }),
      });
      assert.equal(answer.status, 200);
      assert.deepEqual(await answer.json(), { ok: true });
    }
    const close = 'Connection: close\r\n\r\n';
    assert.match(await ask(port, `GET / HTTP/1.1\r\n${close}`), /200 OK.*\r\n\r\n\{"ok":true\}$/s);
    const pipelined = await ask(port, `${GET}${POST}GET / HTTP/1.1\r\n${close}`);
    assert.equal(pipelined.match(/200 OK/g)!.length, 3);
    const head = await ask(port, `HEAD / HTTP/1.1\r\n${close}`);
    assert.match(head, /content-length: 11\r\n\r\n$/);
    assert.match(await ask(port, 'PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n'), / 400 /);
  } finally {
    await server.close();
  }
});
