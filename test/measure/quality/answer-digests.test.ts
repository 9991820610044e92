import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerDigests, commonAnswers } from '../../../src/measure/quality/answer-digests.ts';
import { whyInexact } from '../../../src/measure/quality/exact-index.ts';

const referenceOf = (query: number): number[] => [query, query + 1, query + 2];

function digestsOf(
  queries: readonly number[],
  answerOf: (query: number) => readonly number[] = referenceOf,
): AnswerDigests {
  const digests = new AnswerDigests();
  for (const query of queries) {
    digests.add({ answer: answerOf(query), reference: referenceOf(query), distances: [1, 2, 3] });
  }
  return digests;
}

const queries = Array.from({ length: 40 }, (_, query) => 10 * query);

test('answers are the same with the same ids in the same order, whenever they came', () => {
  const one = digestsOf([...queries, ...queries]).text;
  assert.deepEqual(commonAnswers(one, digestsOf(queries.toReversed()).text), {
    common: 40,
    same: 40,
  });
  const turned = digestsOf(queries, (query) =>
    query === 70 ? referenceOf(query).toReversed() : referenceOf(query),
  );
  assert.deepEqual(commonAnswers(one, turned.text), { common: 40, same: 39 });
  assert.deepEqual(commonAnswers(one, digestsOf([5, 10, 20]).text), { common: 2, same: 2 });
});

test('a query that was answered in two ways is the same as nothing', () => {
  const digests = digestsOf(queries);
  digests.add({ answer: [1], reference: referenceOf(0), distances: [1, 2, 3] });
  assert.deepEqual(commonAnswers(digests.text, digests.text), { common: 40, same: 39 });
});

test('of many queries two trials keep the same ones, in whatever order they were asked', () => {
  const many = Array.from({ length: 5_000 }, (_, query) => query);
  const [one, other] = [digestsOf(many).text, digestsOf(many.toReversed()).text];
  assert.deepEqual(commonAnswers(one, other), { common: 512, same: 512 });
});

test('what is wrong with an answer of an exact index is told by how it looks', () => {
  const reference = [5, 9, 2, 7];
  const why = (answer: readonly number[]): string => whyInexact({ answer, reference }, 4);
  assert.match(why([6, 10, 3, 8]), /\+ 1:/);
  assert.match(why([4, 8, 1, 6]), /− 1:/);
  assert.match(why([]), /empty/);
  assert.match(why([50, 91, 22, 73]), /none of its ids \(50, 91, 22, …\)/);
  assert.match(why([5, 9, 2]), /3 rows where there are 4/);
  assert.match(why([5, 9, 2, 40]), /3 of its ids .* \(40\) are not: .* another metric/);
});
