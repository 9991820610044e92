import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  compileJsonTemplate,
  compileTemplate,
} from '../../../../src/base/expressions/compile-template.ts';
import type { Scope } from '../../../../src/base/expressions/template.ts';
import { httpRequestSchema } from '../../../../src/drivers/vocabulary/http/http-request-schema.ts';
import { BodyFiles } from '../../../../src/drivers/wire/body/body-files.ts';
import {
  prepareRequest,
  type HttpRequest,
} from '../../../../src/drivers/vocabulary/http/http-request.ts';
import { USER_AGENT } from '../../../../src/drivers/vocabulary/http/user-agent.ts';

interface TargetOptions {
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly closeEach?: boolean;
}

function bound(spec: object, scope: Scope = {}, target: TargetOptions = {}): HttpRequest {
  const environment = { roots: 'any' } as const;
  const operation = prepareRequest(
    {
      verb: 'request',
      spec: httpRequestSchema.parse(spec),
      timeoutMs: 1500,
      fieldsRead: new Set(),
      template: (text, context) => compileTemplate(text, context, environment),
      json: (value) => compileJsonTemplate(value, environment),
      value: () => assert.fail('not used'),
    },
    {
      url: new URL(target.url ?? 'http://server:8000'),
      headers: target.headers ?? {},
      closeEach: target.closeEach ?? false,
      name: 'web',
      files: new BodyFiles('.'),
      nowMs: () => 0,
      readsHeads: false,
      decompress: false,
    },
  );
  return operation.bind(scope) as HttpRequest;
}

/** The bytes on the wire. */
function wire(spec: object, scope: Scope = {}, target: TargetOptions = {}): Buffer {
  const { payload, byteLength } = bound(spec, scope, target);
  const bytes = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
  assert.equal(bytes.length, byteLength);
  return bytes;
}

const lines = (...parts: string[]): string => parts.join('\r\n');
const DEFAULTS = lines('Host: server:8000', `User-Agent: ${USER_AGENT}`, 'Accept: */*');

function requestLine(spec: object, scope: Scope = {}, target: TargetOptions = {}): string {
  return wire(spec, scope, target).toString('latin1').split('\r\n')[0]!;
}

describe('a request', () => {
  it('names this program and its version', () => {
    assert.match(USER_AGENT, /^loadgen\/\d+\.\d+\.\d+/);
  });

  it('without a body is a GET of the given path', () => {
    assert.equal(
      wire({ path: '/health' }).toString(),
      lines('GET /health HTTP/1.1', DEFAULTS, '', ''),
    );
  });

  it('with JSON is a POST with its length in bytes', () => {
    const spec = { path: '/embed', json: { texts: ['{{ row.text }}'], id: '{{ row.id }}' } };
    assert.equal(
      wire(spec, { row: { text: 'a "b"', id: 7 } }).toString(),
      lines(
        'POST /embed HTTP/1.1',
        DEFAULTS,
        'Content-Type: application/json',
        'Content-Length: 28',
        '',
        String.raw`{"texts":["a \"b\""],"id":7}`,
      ),
    );
  });

  it('counts the length of a body in UTF-8 bytes and writes it so', () => {
    const text = 'naïve café 東京 😀';
    const body = JSON.stringify({ text });
    const written = wire({ json: { text: '{{ row.text }}' } }, { row: { text } });
    assert.ok(written.toString('utf8').endsWith(`\r\n\r\n${body}`));
    assert.match(
      written.toString('latin1'),
      new RegExp(`Content-Length: ${Buffer.byteLength(body)}\r\n`),
    );
  });

  it('may send text, and says what it is', () => {
    assert.equal(
      wire({ path: '/', method: 'PUT', text: 'héllo' }).toString(),
      lines(
        'PUT / HTTP/1.1',
        DEFAULTS,
        'Content-Type: text/plain; charset=utf-8',
        'Content-Length: 6',
        '',
        'héllo',
      ),
    );
  });

  it('says that its body is empty where a body would be expected', () => {
    assert.equal(
      wire({ method: 'POST', path: '/' }).toString(),
      lines('POST / HTTP/1.1', DEFAULTS, 'Content-Length: 0', '', ''),
    );
    assert.doesNotMatch(wire({ method: 'DELETE', path: '/' }).toString(), /Content-Length/);
  });

  it('sends null and false as JSON, and an empty text as an empty body', () => {
    assert.ok(wire({ json: null }).toString().endsWith('Content-Length: 4\r\n\r\nnull'));
    assert.ok(wire({ json: false }).toString().endsWith('Content-Length: 5\r\n\r\nfalse'));
    assert.ok(wire({ text: '' }).toString().endsWith('Content-Length: 0\r\n\r\n'));
  });

  it('says that its connection closes where each request has one of its own', () => {
    assert.match(wire({}, {}, { closeEach: true }).toString(), /\r\nConnection: close\r\n\r\n$/);
  });

  it('in which nothing changes is one buffer, the same each time', () => {
    const request = bound({ path: '/', json: { a: [1, 'é'] } });
    assert.ok(Buffer.isBuffer(request.payload));
    assert.equal(request.operation.timeoutNs, 1.5e9);
  });
});

describe('the request target', () => {
  it('is the path of the step behind that of the target', () => {
    assert.equal(
      requestLine({ path: '/embed' }, {}, { url: 'http://h/api/v1/' }),
      'GET /api/v1/embed HTTP/1.1',
    );
    assert.equal(requestLine({}, {}, { url: 'http://h/api/v1' }), 'GET /api/v1 HTTP/1.1');
    assert.equal(requestLine({}, {}, { url: 'http://h' }), 'GET / HTTP/1.1');
    assert.equal(requestLine({ path: '/x' }, {}, { url: 'http://h' }), 'GET /x HTTP/1.1');
  });

  it('has values encoded, and what the scenario says itself as it stands', () => {
    const scope = { row: { id: 'a/b c?é' } };
    assert.equal(
      requestLine({ path: '/items/{{ row.id }}/x%20y' }, scope),
      'GET /items/a%2Fb%20c%3F%C3%A9/x%20y HTTP/1.1',
    );
  });

  it('has query parameters encoded, name and value, constant or not', () => {
    const query = { 'a b': 'x&y', n: 5, flag: true, t: '{{ row.t }}&' };
    assert.equal(
      requestLine({ path: '/q', query }, { row: { t: '1=2' } }),
      'GET /q?a%20b=x%26y&n=5&flag=true&t=1%3D2%26 HTTP/1.1',
    );
  });

  it('joins the queries of target, path and step', () => {
    const target = { url: 'http://h/p?v=1' };
    assert.equal(
      requestLine({ path: '/q?a=2', query: { b: 3 } }, {}, target),
      'GET /p/q?a=2&v=1&b=3 HTTP/1.1',
    );
    assert.equal(requestLine({}, {}, target), 'GET /p?v=1 HTTP/1.1');
  });
});

describe('headers', () => {
  function headers(spec: object, target: TargetOptions = {}, scope: Scope = {}): string[] {
    const [head] = wire(spec, scope, target).toString('latin1').split('\r\n\r\n');
    return head!.split('\r\n').slice(1);
  }

  it('of the step win over those of the target, and both over the defaults', () => {
    const target = { headers: { Accept: 'a', 'x-team': 't', 'X-Both': 'target' } };
    assert.deepEqual(
      headers({ headers: { 'user-agent': 'me', 'x-both': 'step', HOST: 'other' } }, target),
      ['HOST: other', 'user-agent: me', 'Accept: a', 'x-team: t', 'x-both: step'],
    );
  });

  it('may replace the content type of a body', () => {
    const written = headers({ json: {}, headers: { 'content-type': 'application/x-json' } });
    assert.ok(written.includes('content-type: application/x-json'));
    assert.equal(written.filter((line) => /^content-type/i.test(line)).length, 1);
  });

  it('are filled in from row to row', () => {
    assert.ok(
      headers({ headers: { 'x-id': 'r-{{ row.id }}' } }, {}, { row: { id: 5 } }).includes(
        'x-id: r-5',
      ),
    );
  });

  it('refuse a row whose value would break the line', () => {
    assert.throws(
      () => headers({ headers: { 'x-id': '{{ row.id }}' } }, {}, { row: { id: 'a\r\nX: y' } }),
      /line break/,
    );
  });

  it('carry the user and password of the url', () => {
    const { length } = headers({});
    const written = headers({}, { url: 'http://me:p%40ss@server:8000' });
    assert.equal(written.length, length + 1);
    assert.ok(
      written.includes(`Authorization: Basic ${Buffer.from('me:p@ss').toString('base64')}`),
    );
    assert.ok(written.includes('Host: server:8000'));
  });

  it('write an IPv6 host in brackets, and no default port', () => {
    assert.ok(headers({}, { url: 'http://[::1]:80/' }).includes('Host: [::1]'));
  });
});
