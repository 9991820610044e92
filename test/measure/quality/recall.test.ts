import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scorerOf } from '../../../src/measure/quality/scorers.ts';

/** What a scorer says of an answer, or why it says nothing. */
function score(name: string, answer: unknown, reference: unknown) {
  const scorer = scorerOf(name)!;
  const input = scorer.input(answer, reference);
  return typeof input === 'string' ? input : scorer.score(input);
}

const TRUTH = { ids: [5, 3, 9, 1, 7, 2], distances: [0, 1, 2, 4, 4, 8] };

test('recall is the share of the nearest K that the first K of an answer have', () => {
  const recall = (ids: readonly number[], k = 4): unknown =>
    (score(`recall_ids@${k}`, ids, TRUTH) as Record<string, number>)[`recall_ids@${k}`];
  assert.equal(recall([5, 3, 9, 1]), 1);
  assert.equal(recall([1, 9, 3, 5]), 1, 'in any order');
  assert.equal(recall([5, 3, 9, 7]), 0.75, 'the fourth is another one');
  assert.equal(recall([100, 101, 102, 103]), 0);
  assert.equal(
    recall([100, 101, 102, 103, 5, 3]),
    0,
    'what comes behind the first K is not looked at',
  );
  assert.equal(recall([5]), 0.25);
  assert.equal(recall([]), 0);
  assert.equal(recall([5, 100], 1), 1);
});

test('rows that are as near as the last one that counts are as good, within the tolerance', () => {
  const recall = (ids: readonly number[], truth: object): unknown =>
    (score('recall@4', ids, truth) as Record<string, number>)['recall@4'];
  assert.equal(recall([5, 3, 9, 7], TRUTH), 1, '7 is as far as 1');
  assert.equal(recall([5, 3, 7, 1], TRUTH), 1, 'any four of the five');
  assert.equal(recall([5, 3, 9, 2], TRUTH), 0.75, '2 is farther');
  const close = { ids: [5, 3, 9, 1, 7], distances: [0, 1, 2, 4, 4.001] };
  assert.equal(recall([5, 3, 9, 7], close), 0.75);
  assert.equal(recall([5, 3, 9, 7], { ...close, tolerance: 0.001_000_1 }), 1);
  const byId = score('recall_ids@4', [5, 3, 9, 7], TRUTH) as Record<string, number>;
  assert.equal(byId['recall_ids@4'], 0.75, 'by id it is another row');
});

test('an id that stands twice counts once, and short answers are counted', () => {
  assert.deepEqual(score('recall@4', [5, 5, 3, 3], TRUTH), {
    'recall@4': 0.5,
    'short_answers@4': 0,
    'duplicate_ids@4': 2,
  });
  assert.deepEqual(score('recall@4', [5, 3], TRUTH), {
    'recall@4': 0.5,
    'short_answers@4': 1,
    'duplicate_ids@4': 0,
  });
});

test('where fewer rows than K satisfy the filter, those are the whole', () => {
  const few = { ids: [5, 3], distances: [0, 1] };
  assert.deepEqual(score('recall@10', [5, 3], few), {
    'recall@10': 1,
    'short_answers@10': 0,
    'duplicate_ids@10': 0,
  });
  assert.equal((score('recall@10', [5, 8, 9], few) as Record<string, number>)['recall@10'], 0.5);
});

test('what cannot be compared is not scored, and says why', () => {
  assert.equal(score('recall@4', undefined, TRUTH), 'no_answer');
  assert.equal(score('recall@4', 'text', TRUTH), 'no_answer');
  assert.equal(score('recall@4', ['a', 'b'], TRUTH), 'no_answer');
  assert.equal(score('recall@4', [1], undefined), 'no_reference');
  assert.equal(score('recall@4', [1], { ids: [] }), 'no_reference');
  assert.equal(score('recall@4', [1], { ids: [1, 2] }), 'no_reference', 'without distances');
  assert.equal(scorerOf('recall@0'), undefined);
  assert.equal(scorerOf('recall'), undefined);
});

test('recall is what a search through all rows says, with its ties', () => {
  const rows = fc.uniqueArray(fc.integer({ min: -20, max: 20 }), { minLength: 3, maxLength: 40 });
  const drawn = fc.record({
    rows,
    query: fc.integer({ min: -20, max: 20 }),
    k: fc.integer({ min: 1, max: 12 }),
    answer: fc.array(fc.nat(45), { maxLength: 15 }),
  });
  fc.assert(
    fc.property(drawn, ({ rows: values, query, k, answer }) => {
      const distance = (id: number): number =>
        id < values.length ? Math.abs(values[id]! - query) : Number.POSITIVE_INFINITY;
      const sorted = values
        .map((_, id) => id)
        .toSorted((one, other) => distance(one) - distance(other));
      const truth = { ids: sorted, distances: sorted.map(distance) };
      const wanted = Math.min(k, values.length);
      const limit = distance(sorted[wanted - 1]!);
      // By definition: the rows of the answer, each once, that are no farther than the K-th nearest.
      const good = new Set(answer.slice(0, k).filter((id) => distance(id) <= limit));
      const found = score(`recall@${k}`, answer, truth) as Record<string, number>;
      assert.equal(found[`recall@${k}`], Math.min(good.size, wanted) / wanted);
    }),
  );
});
