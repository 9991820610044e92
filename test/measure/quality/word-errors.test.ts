import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editDistance, normalizedWords } from '../../../src/measure/quality/word-errors.ts';
import { scorerOf } from '../../../src/measure/quality/scorers.ts';

const wer = scorerOf('wer')!;

function errorsOf(answer: string, reference: string) {
  const input = wer.input(answer, reference);
  return typeof input === 'string' ? input : wer.score(input);
}

test('errors are words that were wrong, missing or too many, per word of the reference', () => {
  const reference = 'the cat sat on the mat';
  const cases: [answer: string, errors: number][] = [
    ['the cat sat on the mat', 0],
    ['the cat sat on mat', 1],
    ['the cat sat on the the mat', 1],
    ['the bat sat on the mat', 1],
    ['', 6],
    ['cat the sat on the mat', 2],
    ['a b c d e f g h', 8],
  ];
  for (const [answer, errors] of cases) {
    assert.deepEqual(
      errorsOf(answer, reference),
      { wer: errors / 6, word_errors: errors, reference_words: 6 },
      answer,
    );
  }
});

test('case, punctuation and the form of characters make no error', () => {
  assert.deepEqual(normalizedWords('  Don’t STOP — “now”, (please)! '), [
    "don't",
    'stop',
    'now',
    'please',
  ]);
  assert.deepEqual(normalizedWords('ﬁve cafe\u0301'), ['five', 'café']);
  assert.deepEqual(normalizedWords('3.5 km, 12:30'), ['3', '5', 'km', '12', '30']);
});

test('a reference without words can say nothing', () => {
  assert.equal(errorsOf('a', '…'), 'no_reference');
  assert.equal(wer.input(undefined, 'a'), 'no_answer');
  assert.equal(wer.input('a', undefined), 'no_reference');
});

test('the distance is that of the recursion that defines it', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 });
  const distance = (one: readonly string[], other: readonly string[]): number => {
    if (one.length === 0 || other.length === 0) return Math.max(one.length, other.length);
    const [a, b] = [one.slice(1), other.slice(1)];
    return Math.min(
      distance(a, b) + (one[0] === other[0] ? 0 : 1),
      distance(a, other) + 1,
      distance(one, b) + 1,
    );
  };
  fc.assert(
    fc.property(words, words, (one, other) => {
      assert.equal(editDistance(one, other), distance(one, other));
    }),
  );
});
