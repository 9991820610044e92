import assert from 'node:assert/strict';
import { test } from 'node:test';
import { substituteEnvironment } from '../../../src/base/expressions/environment-text.ts';
import { ExpressionError } from '../../../src/base/expressions/expression-error.ts';

const ENVIRONMENT = { HOST: 'h', EMPTY: '', NESTED: '${HOST}', toString: undefined };

function textOf(text: string): string {
  return substituteEnvironment(text, ENVIRONMENT).text;
}

test('references are replaced by what the environment says, once', () => {
  assert.equal(textOf('http://${HOST}:80/${HOST}'), 'http://h:80/h');
  assert.equal(textOf('${NESTED}'), '${HOST}');
  assert.equal(textOf('no reference, $HOST, {HOST}, $'), 'no reference, $HOST, {HOST}, $');
});

test('a default counts where the variable is unset or empty', () => {
  assert.equal(textOf('${HOST:-other}'), 'h');
  assert.equal(textOf('${NOPE:-http://127.0.0.1:1}'), 'http://127.0.0.1:1');
  assert.equal(textOf('${EMPTY:-other}'), 'other');
  assert.equal(textOf('<${NOPE:-}>'), '<>');
  assert.equal(textOf('<${EMPTY}>'), '<>');
});

test('a doubled dollar is text', () => {
  assert.equal(textOf('$${HOST} ${HOST}'), '${HOST} h');
  assert.deepEqual(substituteEnvironment('$${HOST}', ENVIRONMENT).usedNames, []);
});

test('names that are used and names that are missing are told', () => {
  const { usedNames, missing } = substituteEnvironment(
    '${HOST} ${A} ${B:-b} ${EMPTY}',
    ENVIRONMENT,
  );
  assert.deepEqual(usedNames, ['HOST', 'A', 'B', 'EMPTY']);
  assert.deepEqual(missing, ['A']);
  assert.deepEqual(substituteEnvironment('${valueOf}', ENVIRONMENT).missing, ['valueOf']);
});

test('a reference that is none is refused with its place', () => {
  for (const text of ['a ${', 'a ${}', 'a ${A-B}', 'a ${1}', 'a ${A', 'a ${A:-${B}}', 'a ${ A }']) {
    assert.throws(
      () => substituteEnvironment(text, ENVIRONMENT),
      (error) => error instanceof ExpressionError && error.offset === 2,
      text,
    );
  }
});
