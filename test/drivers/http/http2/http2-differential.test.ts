import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ServerHttp2Stream } from 'node:http2';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Session } from '../../../../src/drivers/driver.ts';
import { makeCertificates, type Certificates } from '../../../support/certificates.ts';
import type { DriverBench } from '../../../support/driver-bench.ts';
import { httpBench, request } from '../http-fixture.ts';
import { startHttp2Server } from './http2-server.ts';

/** What the server is to answer, beside what it was asked. */
interface Planned {
  readonly status: number;
  readonly pieces: readonly number[];
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly trailers: boolean;
  readonly interim: boolean;
  /** After how many pieces the stream is reset, and why. */
  readonly resetAfter: number | undefined;
  readonly resetCode: number;
}

function answer(stream: ServerHttp2Stream, plan: Planned): void {
  const { status, pieces, headers, trailers, interim, resetAfter, resetCode } = plan;
  if (interim) stream.additionalHeaders({ ':status': 103, link: '</x>' });
  stream.respond(
    { ':status': status, ...Object.fromEntries(headers) },
    { waitForTrailers: trailers },
  );
  if (trailers) stream.on('wantTrailers', () => stream.sendTrailers({ 'x-after': 'it' }));
  for (const [index, bytes] of pieces.entries()) {
    if (index === resetAfter) break;
    stream.write(Buffer.alloc(bytes, `${index % 10}`));
  }
  if (resetAfter === undefined) stream.end();
  else stream.write('.', () => stream.close(resetCode));
}

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
/** Two braces would begin a template. */
const isPlain = (text: string): boolean => !text.includes('{{');
const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/).filter(isPlain);
const plans = fc.record({
  status: fc.constantFrom(200, 201, 206, 301, 400, 404, 429, 500, 503),
  pieces: fc.array(fc.nat({ max: 40_000 }), { maxLength: 6 }),
  headers: fc.uniqueArray(
    fc.tuple(
      token.map((name) => `x-${name}`),
      value,
    ),
    {
      maxLength: 8,
      selector: ([name]) => name,
    },
  ),
  trailers: fc.boolean(),
  interim: fc.boolean(),
  resetAfter: fc.option(fc.nat({ max: 3 }), { nil: undefined, freq: 8 }),
  // INTERNAL_ERROR, REFUSED_STREAM, ENHANCE_YOUR_CALM
  resetCode: fc.constantFrom(2, 7, 11),
});
const asked = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
  segments: fc.array(token, { maxLength: 3 }),
  headers: fc.uniqueArray(
    fc.tuple(
      token.map((name) => `a-${name}`),
      value,
    ),
    {
      maxLength: 6,
      selector: ([name]) => name,
    },
  ),
  text: fc.option(fc.string({ maxLength: 3000 }).filter(isPlain), { nil: undefined }),
});

describe('raw HTTP/2 and undici on one server', () => {
  let certificates: Certificates;
  before(() => (certificates = makeCertificates()));
  after(() => certificates.remove());

  it('ask and are answered the same, for random requests and answers', async (t) => {
    const planned = new Map<string, Planned>();
    const seen = new Map<string, unknown>();
    const pair = certificates.server;
    const server = await startHttp2Server(
      t,
      (stream, headers, body) => {
        const key = String(headers['a-key']);
        const { 'user-agent': _agent, ...other } = headers;
        const own = Object.entries(other).filter(([name]) =>
          /^(a-|:method|:path|content-t)/.test(name),
        );
        seen.set(key, [
          Object.fromEntries(own.filter(([name]) => name !== 'a-key')),
          createHash('sha256').update(body).digest('hex'),
        ]);
        answer(stream, planned.get(key.slice(1))!);
      },
      { pair },
    );
    const url = `https://localhost:${server.port}`;
    const tls = { ca: certificates.ca };
    const clients: readonly (readonly [client: string, bench: DriverBench, session: Session])[] =
      await Promise.all(
        ['raw', 'sdk'].map(async (client) => {
          const bench = await httpBench(t, { url, options: { client, http: 2, tls } });
          return [client, bench, bench.driver.open(0)] as const;
        }),
      );
    let count = 0;
    await fc.assert(
      fc.asyncProperty(asked, plans, async ({ method, segments, headers, text }, plan) => {
        const id = String(++count);
        planned.set(id, plan);
        const results = [];
        for (const [client, bench, session] of clients) {
          const key = `${client[0]!}${id}`;
          const spec = {
            method,
            path: `/${segments.join('/')}`,
            headers: { ...Object.fromEntries(headers), 'a-key': '{{ row.key }}' },
            ...(text !== undefined && { text: '{{ row.text }}' }),
          };
          const reads = ['text', 'headers'];
          const scope = { row: { key, text } };
          const { outcome } = await bench.run(session, request(spec, { reads }), { scope });
          const { status, text: body, headers: answered } = session.result;
          const { date: _date, ...named } = (answered ?? {}) as Record<string, string>;
          results.push({ outcome, status, body, named, seen: seen.get(key) });
        }
        assert.deepEqual(results[0], results[1]);
      }),
      { numRuns: 150 },
    );
  });
});
