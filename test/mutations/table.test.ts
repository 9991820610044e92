import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MUTATIONS } from '../../scripts/mutations/table.ts';

test('every named bug has its place in the sources still, once', () => {
  const places = MUTATIONS.map(({ name, file, find }) => ({
    name,
    places: readFileSync(file, 'utf8').split(find).length - 1,
  }));
  assert.deepEqual(
    places.filter((one) => one.places !== 1),
    [],
  );
});

test('the tests that must notice a named bug are there', () => {
  const tests = MUTATIONS.flatMap((mutation) => mutation.tests);
  assert.deepEqual(
    tests.filter((file) => !existsSync(file)),
    [],
  );
});
