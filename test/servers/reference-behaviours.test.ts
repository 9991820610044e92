import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { fixedDocument } from '../../servers/reference/behaviours/whole-answers.ts';
import { startReferenceServer } from '../../servers/reference/server.ts';
import type { ReferenceServer } from '../../servers/reference/server.ts';

let server: ReferenceServer;
const agent = new Agent({ keepAlive: true });

before(async () => {
  server = await startReferenceServer({ port: 0, seed: 7 });
});

after(async () => {
  agent.destroy();
  await server.close();
});

interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly message: IncomingMessage;
}

async function ask(path: string, options: Question = {}): Promise<Answer> {
  const { body = '', ...rest } = options;
  const headers = { ...options.headers, 'content-length': Buffer.byteLength(body) };
  const outgoing = request(server.url + path, { agent, ...rest, headers });
  // An error may come before the answer, in the middle of it, or never.
  const failed = new Promise<never>((_, reject) => outgoing.on('error', reject));
  outgoing.end(body);
  return await Promise.race([failed, readAnswer(outgoing)]);
}

async function readAnswer(outgoing: ClientRequest): Promise<Answer> {
  const message = await new Promise<IncomingMessage>((resolve) => outgoing.on('response', resolve));
  const body = Buffer.concat((await message.toArray()) as Buffer[]);
  return { status: message.statusCode!, body, message };
}

/** Everything the server sends on a connection of its own until it closes or `milliseconds` pass. */
async function rawAnswer(path: string, milliseconds = 2_000): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nhost: reference\r\n\r\n`);
  const timer = setTimeout(() => socket.destroy(), milliseconds);
  await once(socket, 'close');
  clearTimeout(timer);
  return Buffer.concat(pieces).toString('latin1');
}

test('/ and /fixed answer with a fixed text for any method', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY']) {
    const { status, body } = await ask(method === 'PUT' ? '/fixed' : '/', { method, body: 'x' });
    assert.equal(status, 200);
    assert.equal(body.toString(), 'ok\n');
  }
  const { body, message } = await ask('/', { method: 'HEAD' });
  assert.equal(body.length, 0);
  assert.equal(message.headers['content-length'], '3');
});

test('?ms= sets the service time of one request, and the answer carries its true stamps', async () => {
  const beforeNs = Number(process.hrtime.bigint());
  const { message } = await ask('/fixed?ms=20');
  const afterNs = Number(process.hrtime.bigint());
  const stamp = (name: string): number => Number(message.headers[name]);
  const arrivalNs = stamp('x-arrival-ns');
  const departureNs = stamp('x-departure-ns');
  assert.ok(beforeNs < arrivalNs && departureNs < afterNs, 'the stamps are on the shared clock');
  assert.equal(stamp('x-residence-ns'), departureNs - arrivalNs);
  assert.ok(departureNs - arrivalNs >= 20e6);
  assert.equal((await ask('/?ms=soon')).status, 400);
});

test('/echo returns what came in', async () => {
  const { body } = await ask('/echo/deep?a=1&a=2', {
    method: 'PUT',
    headers: { 'X-One': 'eins', 'content-type': 'text/plain' },
    body: 'Grüße',
  });
  const echoed = JSON.parse(body.toString()) as Record<string, unknown>;
  assert.equal(echoed['method'], 'PUT');
  assert.equal(echoed['path'], '/echo/deep?a=1&a=2');
  assert.equal(echoed['body'], 'Grüße');
  assert.equal(echoed['bodyBytes'], 7);
  assert.equal((echoed['headers'] as Record<string, string>)['x-one'], 'eins');
  assert.ok((echoed['rawHeaders'] as string[]).includes('X-One'));
});

test('a body of several pieces, sent in chunks, is echoed whole', async () => {
  const outgoing = request(`${server.url}/echo`, { agent, method: 'POST' });
  outgoing.write('first ');
  await new Promise((resolve) => setTimeout(resolve, 20));
  outgoing.end('second');
  const [message] = (await once(outgoing, 'response')) as [IncomingMessage];
  const echoed = JSON.parse(Buffer.concat(await message.toArray()).toString()) as { body: string };
  assert.equal(echoed.body, 'first second');
});

test('/json is the fixed document', async () => {
  const { body, message } = await ask('/json');
  assert.equal(message.headers['content-type'], 'application/json');
  assert.deepEqual(JSON.parse(body.toString()), fixedDocument);
});

test('/status/NNN answers with that status, and 204 and 304 without a body', async () => {
  for (const status of [200, 201, 204, 301, 304, 404, 418, 429, 500, 503, 599]) {
    const answer = await ask(`/status/${status}`);
    assert.equal(answer.status, status);
    assert.equal(answer.body.length > 0, status !== 204 && status !== 304);
  }
  assert.equal((await ask('/status/100')).status, 400);
  assert.equal((await ask('/status/abc')).status, 400);
  assert.equal((await ask('/no/such/path')).status, 404);
});

test('/bytes/N sends N seeded bytes: the same for everybody, a prefix of a longer body', async () => {
  const long = (await ask('/bytes/200000')).body;
  assert.equal(long.length, 200_000);
  assert.equal((await ask('/bytes/0')).body.length, 0);
  assert.deepEqual((await ask('/bytes/1000')).body, long.subarray(0, 1_000));
  assert.deepEqual(long.subarray(65_536, 70_000), long.subarray(0, 70_000 - 65_536));
  const other = await startReferenceServer({ port: 0, seed: 8 });
  const otherBody = Buffer.from(await (await fetch(`${other.url}/bytes/1000`)).arrayBuffer());
  await other.close();
  assert.notDeepEqual(otherBody, long.subarray(0, 1_000));
});

test('/chunked/N sends chunks of exactly the size asked for, and trailers', async () => {
  const raw = await rawAnswer('/chunked/10?chunk=4&trailers=1', 200);
  const [head, ...rest] = raw.split('\r\n\r\n');
  assert.match(head!, /transfer-encoding: chunked/i);
  const body = (await ask('/bytes/10')).body.toString('latin1');
  assert.equal(
    rest.join('\r\n\r\n'),
    `4\r\n${body.slice(0, 4)}\r\n4\r\n${body.slice(4, 8)}\r\n2\r\n${body.slice(8)}\r\n` +
      '0\r\nx-body-bytes: 10\r\nx-done: yes\r\n\r\n',
  );
  const { body: long, message } = await ask('/chunked/300000?chunk=777&trailers=1');
  assert.deepEqual(long, (await ask('/bytes/300000')).body);
  assert.equal(message.trailers['x-body-bytes'], '300000');
});

test('/close-delimited/N has no length and ends with the connection', async () => {
  const raw = await rawAnswer('/close-delimited/300');
  const headEnd = raw.indexOf('\r\n\r\n');
  assert.doesNotMatch(raw.slice(0, headEnd), /content-length|transfer-encoding/i);
  assert.match(raw.slice(0, headEnd), /connection: close/i);
  assert.equal(raw.slice(headEnd + 4), (await ask('/bytes/300')).body.toString('latin1'));
});

test('/close-mid-body announces more than it sends, then closes or resets', async () => {
  const raw = await rawAnswer('/close-mid-body');
  assert.match(raw, /content-length: 1000\r\n/);
  assert.equal(raw.length - raw.indexOf('\r\n\r\n') - 4, 400);
  await assert.rejects(ask('/close-mid-body'), { code: 'ECONNRESET' });
  await assert.rejects(ask('/close-mid-body?reset=1'), { code: 'ECONNRESET' });
});

test('/reset resets an established connection, whatever the method', async () => {
  await assert.rejects(ask('/reset'), { code: 'ECONNRESET' });
  await assert.rejects(ask('/reset', { method: 'POST', body: 'x' }), { code: 'ECONNRESET' });
});

test('/close-before-answer sends nothing at all', async () => {
  assert.equal(await rawAnswer('/close-before-answer'), '');
  await assert.rejects(ask('/close-before-answer?reset=1'), { code: 'ECONNRESET' });
});

test('/garbage and /garbage-after-headers are refused by a correct parser', async () => {
  await assert.rejects(ask('/garbage'), { code: /^HPE_/ });
  await assert.rejects(ask('/garbage-after-headers'), { code: 'HPE_INVALID_CHUNK_SIZE' });
});

test('/silence keeps the connection open and says nothing', async () => {
  const beganMs = Date.now();
  assert.equal(await rawAnswer('/silence', 150), '');
  assert.ok(Date.now() - beganMs >= 140);
});

test('/early-hints sends 102 and 103 before its answer', async () => {
  const raw = await rawAnswer('/early-hints', 200);
  const statuses = [...raw.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
  assert.deepEqual(statuses, ['102', '103', '200']);
  assert.match(raw, /link: <\/style\.css>/i);
});

test('/no-content and /not-modified have no body, though the latter names a length', async () => {
  assert.equal((await ask('/no-content')).status, 204);
  const { status, body, message } = await ask('/not-modified');
  assert.equal(status, 304);
  assert.equal(body.length, 0);
  assert.equal(message.headers['content-length'], '1234');
  assert.equal((await ask('/')).status, 200);
});

test('/slow-headers spreads its head over ?ms=', async () => {
  const beganMs = performance.now();
  const { status, body } = await ask('/slow-headers?ms=80');
  assert.equal(status, 200);
  assert.equal(body.toString(), 'ok\n');
  assert.ok(performance.now() - beganMs >= 80);
});

test('/drip/N sends its body a piece at a time', async () => {
  const beganMs = performance.now();
  const { body } = await ask('/drip/10?everyMs=20&bytes=3');
  assert.deepEqual(body, (await ask('/bytes/10')).body);
  assert.ok(performance.now() - beganMs >= 60, 'three pauses between four pieces');
  assert.equal((await ask('/drip/0')).body.length, 0);
});

test('/huge-header/N has a header of N bytes', async () => {
  const { message } = await ask('/huge-header/5000');
  assert.equal(message.headers['x-huge']?.length, 5_000);
});

test('/pipelined-extra sends a second answer that nobody asked for', async () => {
  const raw = await rawAnswer('/pipelined-extra', 200);
  assert.equal(raw.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
  assert.ok(raw.endsWith('extra\n'));
});

test('/fail-every/N fails exactly every Nth request', async () => {
  const statuses: number[] = [];
  for (let index = 0; index < 9; index++) statuses.push((await ask('/fail-every/3')).status);
  assert.deepEqual(statuses, [200, 200, 503, 200, 200, 503, 200, 200, 503]);
});

test('/die does nothing where it is not allowed', async () => {
  assert.equal((await ask('/die')).status, 403);
});

test('/embed answers as an embedding server does', async () => {
  const post = (body: string): Promise<Answer> => ask('/embed', { method: 'POST', body });
  const { body } = await post('{"texts":["a","b"]}');
  const answer = JSON.parse(body.toString()) as { embeddings: number[][]; dim: number };
  assert.equal(answer.dim, 384);
  assert.deepEqual(
    answer.embeddings.map((embedding) => embedding.length),
    [384, 384],
  );
  assert.ok(Math.abs(Math.hypot(...answer.embeddings[0]!) - 1) < 1e-4);
  assert.equal((await post('{')).status, 400);
  assert.equal((await post('{"texts":[]}')).status, 422);
  assert.equal((await post('null')).status, 422);
  assert.equal((await post('{"texts":[1]}')).status, 422);
  assert.equal((await ask('/embed')).status, 405);
});
