import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { callAt, nowMs } from '../../../servers/reference/schedule.ts';
import {
  COOKIE_LIMIT_BYTES,
  CookieJar,
  COOKIES_LIMIT,
} from '../../../src/drivers/http/cookie-jar.ts';
import type { DriverBench } from '../../support/driver-bench.ts';
import { httpBench, request } from './http-fixture.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly cookie: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** A server that answers as `answer` says, and what it was asked. */
async function serving(
  t: TestContext,
  options: Readonly<Record<string, unknown>>,
  answer: (seen: Seen, response: ServerResponse) => void,
): Promise<{ bench: DriverBench; seen: Seen[]; url: string }> {
  const seen: Seen[] = [];
  const server = createServer((incoming: IncomingMessage, response) => {
    let body = '';
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const one = { method, url, cookie: headers.cookie, type: headers['content-type'], body };
      seen.push(one);
      answer(one, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { bench: await httpBench(t, { url, options }), seen, url };
}

const lines = (seen: readonly Seen[]): string[] =>
  seen.map(({ method, url }) => `${method} ${url}`);

describe('redirects', () => {
  it('are the answer itself unless they are to be followed', async (t) => {
    const { bench, seen } = await serving(t, {}, (_, response) => {
      response.writeHead(302, { location: '/next' }).end();
    });
    const session = bench.driver.open(0);
    assert.equal((await bench.run(session, request())).outcome, 'ok');
    assert.equal(session.result['status'], 302);
    assert.deepEqual(lines(seen), ['GET /']);
  });

  it('are followed to the last answer, as one operation from the first request', async (t) => {
    const { bench, seen } = await serving(t, { redirects: 5 }, ({ url }, response) => {
      const to = { '/a/start': 'next?x=1#part', '/a/next?x=1': '/end' }[url];
      callAt(nowMs() + 20, () => {
        if (to === undefined) response.end('done');
        else response.writeHead(302, { location: to, 'content-length': 0 }).end();
      });
    });
    const session = bench.driver.open(0);
    const record = await bench.run(session, request({ path: '/a/start' }, { reads: ['text'] }));
    assert.equal(record.outcome, 'ok');
    assert.equal(session.result['text'], 'done');
    assert.deepEqual(lines(seen), ['GET /a/start', 'GET /a/next?x=1', 'GET /end']);
    assert.ok(record.done - record.sent >= 60e6);
    assert.ok(record.phases['first_byte_time']! >= 60e6);
    assert.ok(record.acquired <= record.granted && record.granted <= record.sent);
    assert.ok('connect_time' in record.phases);
    assert.ok(record.bytesSent > 3 * 50 && record.bytesReceived > 3 * 50);
  });

  for (const [status, method, expected] of [
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [301, 'PUT', 'PUT'],
    [307, 'POST', 'POST'],
    [308, 'POST', 'POST'],
  ] as const) {
    it(`with ${status} turn ${method} into ${expected}`, async (t) => {
      const { bench, seen } = await serving(t, { redirects: 1 }, ({ url }, response) => {
        if (url === '/end') response.end();
        else response.writeHead(status, { location: '/end' }).end();
      });
      const spec = { method, path: '/start', text: 'bödy' };
      assert.equal((await bench.run(bench.driver.open(0), request(spec))).outcome, 'ok');
      const [, second] = seen;
      const keeps = expected !== 'GET';
      assert.deepEqual(
        [second!.method, second!.body, second!.type],
        [expected, keeps ? 'bödy' : '', keeps ? 'text/plain; charset=utf-8' : undefined],
      );
    });
  }

  it('in a circle end after as many as the target allows', async (t) => {
    const { bench, seen } = await serving(t, { redirects: 3 }, (_, response) => {
      response.writeHead(302, { location: '/again' }).end();
    });
    const session = bench.driver.open(0);
    const record = await bench.run(session, request());
    assert.equal(record.outcome, 'status_error');
    assert.equal(seen.length, 4);
    assert.deepEqual(bench.reasons(), { 'more than 3 redirects': 1 });
  });

  it('to another server are not followed', async (t) => {
    const other = await serving(t, {}, (_, response) => void response.end());
    const { bench } = await serving(t, { redirects: 3 }, (_, response) => {
      response.writeHead(302, { location: `${other.url}/stolen` }).end();
    });
    const record = await bench.run(bench.driver.open(0), request());
    assert.equal(record.outcome, 'status_error');
    assert.deepEqual(other.seen, []);
    assert.deepEqual(bench.reasons(), { 'redirect to another server': 1 });
  });

  it('share one timeout', async (t) => {
    const { bench } = await serving(t, { redirects: 50 }, (_, response) => {
      setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 30);
    });
    const session = bench.driver.open(0);
    const record = await bench.run(session, request({}, { timeoutMs: 100 }));
    assert.equal(record.outcome, 'timeout');
    assert.ok(record.done - record.granted < 1e9);
    assert.equal(bench.wheel.armed, 0);
  });
});

describe('cookies', () => {
  it('are sent back by the session that got them, and by no other', async (t) => {
    const { bench, seen } = await serving(t, { cookies: true }, ({ url }, response) => {
      if (url === '/login') {
        response.setHeader('set-cookie', ['a=1; Path=/', 'b="x, y"; HttpOnly', 'c=3; Path=/other']);
      }
      response.end('ok');
    });
    const mine = bench.driver.open(0);
    const yours = bench.driver.open(1);
    for (const path of ['/login', '/page', '/other/page']) {
      assert.equal((await bench.run(mine, request({ path, text: 'ü' }))).outcome, 'ok');
    }
    await bench.run(yours, request(), { slot: 1 });
    assert.deepEqual(
      seen.map(({ cookie }) => cookie),
      [undefined, 'a=1; b="x, y"', 'c=3; a=1; b="x, y"', undefined],
    );
    assert.ok(seen.slice(0, 3).every(({ body }) => body === 'ü'));
  });

  it('of a redirect are sent to where it leads', async (t) => {
    const { bench, seen } = await serving(
      t,
      { cookies: true, redirects: 1 },
      ({ url }, response) => {
        if (url === '/') response.writeHead(303, { location: '/in', 'set-cookie': 's=1' }).end();
        else response.end();
      },
    );
    await bench.run(bench.driver.open(0), request({ json: {} }));
    assert.deepEqual(
      seen.map(({ cookie }) => cookie),
      [undefined, 's=1'],
    );
  });

  it('are not taken where nobody asked for it', async (t) => {
    const { bench, seen } = await serving(t, {}, (_, response) => {
      response.setHeader('set-cookie', 'a=1').end();
    });
    const session = bench.driver.open(0);
    for (let count = 0; count < 2; count++) await bench.run(session, request());
    assert.deepEqual(
      seen.map(({ cookie }) => cookie),
      [undefined, undefined],
    );
  });

  const jarOf = (options: Partial<ConstructorParameters<typeof CookieJar>[0]> = {}) => {
    const refused: string[] = [];
    const jar = new CookieJar({
      host: 'www.shop.test',
      isSecure: false,
      nowMs: () => 1_000_000,
      refused: (reason) => refused.push(reason),
      ...options,
    });
    return { jar, refused };
  };

  it('by the thousand, or of any size, stay within a bound that is told', () => {
    const { jar, refused } = jarOf();
    for (let count = 0; count < 1000; count++) jar.set(`name${count}=value`, '/');
    assert.equal(jar.size, COOKIES_LIMIT);
    assert.ok(jar.headerFor('/').includes('name999=value'));
    assert.ok(!jar.headerFor('/').includes('name1='));
    assert.equal(refused.length, 1000 - COOKIES_LIMIT);
    jar.set(`big=${'x'.repeat(COOKIE_LIMIT_BYTES)}`, '/');
    assert.equal(refused.at(-1), `cookie over ${COOKIE_LIMIT_BYTES} bytes`);
    assert.ok(!jar.headerFor('/').includes('big='));
  });

  it('follow domain, path, age and security as browsers do', () => {
    let nowMs = 1_000_000;
    const { jar } = jarOf({ nowMs: () => nowMs });
    for (const header of [
      'ours=1; Domain=.shop.test',
      'theirs=1; Domain=other.test',
      'near=1; Domain=op.test',
      'secure=1; Secure',
      'short=1; Max-Age=10',
      'gone=1; Expires=Thu, 01 Jan 1970 00:00:10 GMT',
      'no pair',
      '=nameless',
    ]) {
      jar.set(header, '/a/b');
    }
    assert.equal(jar.headerFor('/a/c'), 'ours=1; short=1');
    assert.equal(jar.headerFor('/'), '');
    assert.equal(jar.headerFor('/ab'), '');
    nowMs += 10_000;
    assert.equal(jar.headerFor('/a'), 'ours=1');
    jar.set('ours=2', '/a/b');
    assert.equal(jar.headerFor('/a'), 'ours=2');
    jar.set('ours=2; Max-Age=0', '/a/b');
    assert.equal(jar.size, 0);
  });
});
