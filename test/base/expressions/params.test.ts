import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { resolveParams } from '../../../src/base/expressions/params.ts';

const PARAMS = { tokens: 128, name: 'tiny', exact: true };

test('texts that read only params become values, and keep their type when they stand alone', () => {
  const { value, problems } = resolveParams(
    {
      tokens: '{{ params.tokens }}',
      twice: '{{ params.tokens * 2 }}',
      exact: '{{ params.exact }}',
      url: 'http://host/{{ params.name }}/{{ params.tokens }}',
      list: ['{{ params.tokens }}', 1, null, { deep: '{{ 1 + 1 }}' }],
    },
    PARAMS,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(value, {
    tokens: 128,
    twice: 256,
    exact: true,
    url: 'http://host/tiny/128',
    list: [128, 1, null, { deep: 2 }],
  });
});

test('texts that read anything else stay untouched, params in them too', () => {
  const tree = {
    sole: '{{ queries.line }}',
    mixed: '{{ params.name }} {{ queries.line }}',
    both: '{{ params.tokens + queries.n }}',
    bare: 'params.tokens',
    expect: ['status == params.tokens'],
  };
  assert.deepEqual(resolveParams(tree, PARAMS), { value: tree, problems: [] });
});

test('every text that cannot be resolved is a problem with its path', () => {
  const tree = { a: ['{{ params.token }}', '{{ params. }}'], b: { c: '{{ params.name - 1 }}' } };
  const { value, problems } = resolveParams(tree, PARAMS);
  assert.deepEqual(value, tree);
  assert.deepEqual(
    problems.map((problem) => problem.path),
    [
      ['a', 0],
      ['a', 1],
      ['b', 'c'],
    ],
  );
  assert.match(problems[0]!.message, /"token" is no field of params; did you mean "tokens"\?/);
});

test('a tree without placeholders comes back equal', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (tree) => {
      fc.pre(!JSON.stringify(tree).includes('{{'));
      assert.deepEqual(resolveParams(tree, PARAMS).value, tree);
    }),
  );
});

test('a scalar parameter survives the way through a text of its own', () => {
  const scalar = fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.double({ noNaN: true }));
  fc.assert(
    fc.property(scalar, (parameter) => {
      const { value } = resolveParams('{{ params.p }}', { p: parameter });
      assert.equal(value, parameter);
    }),
  );
});
