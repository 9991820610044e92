import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scorerOf } from '../../../src/measure/quality/scorers.ts';

const scorer = scorerOf('tolerance')!;

function errorsOf(answer: unknown, reference: unknown) {
  const input = scorer.input(answer, reference);
  return typeof input === 'string' ? input : scorer.score(input);
}

test('the largest difference counts, also against the size of the number', () => {
  const answer = { y: { values: Float32Array.of(1, 2, 200) }, z: { values: [0.5] } };
  assert.deepEqual(errorsOf(answer, { y: [1, 2, 202], z: [0] }), {
    absolute_error: 2,
    relative_error: 0.5,
    wrong_shapes: 0,
  });
  assert.deepEqual(
    errorsOf({ y: { values: [1, 2, 3, 4] } }, [
      [1, 2],
      [3, 4],
    ]),
    {
      absolute_error: 0,
      relative_error: 0,
      wrong_shapes: 0,
    },
  );
});

test('another number of values is another shape, and no difference', () => {
  assert.deepEqual(errorsOf({ y: { values: [1, 2] } }, [1]), { wrong_shapes: 1 });
});

test('what is no tensor is not scored', () => {
  assert.equal(errorsOf(undefined, [1]), 'no_answer');
  assert.equal(errorsOf({ y: { values: ['a'] } }, { y: [1] }), 'no_answer');
  assert.equal(errorsOf({ y: { values: [1] } }, undefined), 'no_reference');
  assert.equal(errorsOf({ y: { values: [1] }, z: { values: [1] } }, [1]), 'no_reference');
});
