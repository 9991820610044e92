import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import { httpTargetOptions } from '../../../src/drivers/http/http-config.ts';
import { httpRequestSchema } from '../../../src/drivers/vocabulary/http/http-request-schema.ts';

function problems(schema: z.ZodType, value: unknown): string[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the request verb', () => {
  it('accepts what the grammar shows', () => {
    const accepted = [
      {},
      { path: '/embed', json: { texts: ['{{ queries.line }}'] } },
      { method: 'POST', path: '/items/{{ row.id }}?x={{ row.x }}', query: { a: 1, b: 'x' } },
      { headers: { 'x-request-id': '{{ iteration.uuid }}' }, text: 'é' },
      { json: null },
    ];
    for (const spec of accepted) assert.deepEqual(problems(httpRequestSchema, spec), []);
  });

  it('refuses two bodies', () => {
    const found = problems(httpRequestSchema, { json: {}, text: '' });
    assert.deepEqual(found, ['text: one body: either json or text']);
    const file = problems(httpRequestSchema, { form: {}, file: 'x' });
    assert.deepEqual(file, ['file: one body: either form or file']);
    const part = { name: 'x', text: '', file: 'y' };
    assert.deepEqual(problems(httpRequestSchema, { multipart: [part] }), [
      'multipart.0: one of text, json and file',
    ]);
  });

  it('refuses paths that cannot be sent', () => {
    for (const path of ['embed', '/a b', '/é', '/a#b', '/a\r\nX: y', '{{ row.path }}']) {
      assert.equal(problems(httpRequestSchema, { path }).length, 1, path);
    }
  });

  it('refuses unknown methods, headers that are none and headers it writes itself', () => {
    assert.equal(problems(httpRequestSchema, { method: 'FETCH' }).length, 1);
    assert.equal(problems(httpRequestSchema, { headers: { 'a b': 'x' } }).length, 1);
    assert.equal(problems(httpRequestSchema, { headers: { a: 'x\r\ny: z' } }).length, 1);
    assert.deepEqual(problems(httpRequestSchema, { headers: { 'Content-Length': '5' } }), [
      'headers.Content-Length: Content-Length cannot be set: it is computed from the body',
    ]);
    assert.deepEqual(
      problems(httpTargetOptions, { headers: { connection: 'close', A: '1', a: '2' } }),
      [
        'headers.connection: connection cannot be set: write connection: perRequest on the target for a new connection each',
        'headers.a: a is given twice',
      ],
    );
  });
});
