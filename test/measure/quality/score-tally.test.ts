import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricStore } from '../../../src/measure/metrics/metric-store.ts';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { scorerOf } from '../../../src/measure/quality/scorers.ts';
import { ScoreTally, type ScorePlan } from '../../../src/measure/quality/score-tally.ts';

const tags = { flow: 'main', step: 'knn', target: 'db' };
const PLANS: readonly ScorePlan[] = [{ scorer: 'recall@4', tags, taken: [] }];
const REFERENCE = [1, 2, 3, 4];
const window = { sentNs: 1, doneNs: 2 };

function storeOf(tally: ScoreTally): MetricStore {
  const declarations = scorerOf('recall@4')!.metrics;
  return MetricStore.fromRecords({ declarations, durationSeconds: 1, records: tally.take() });
}

function add(tally: ScoreTally, hits: number, place: { iteration: number; phase?: number }): void {
  const answer = REFERENCE.map((id, index) => (index < hits ? id : id + 100));
  const input = { answer, reference: REFERENCE, distances: REFERENCE };
  tally.add({ scorer: 0, phase: MEASURE, ...place, input, window });
}

test('mean, low percentiles and minimum are those of the single answers', () => {
  const tally = new ScoreTally(PLANS, scorerOf);
  const hits = Array.from({ length: 200 }, (_, index) => (index < 20 ? 2 : index < 60 ? 3 : 4));
  for (const [iteration, count] of hits.entries()) add(tally, count, { iteration });
  const recall = storeOf(tally).histogram('recall@4');
  assert.equal(recall.count, 200);
  // (20 × 0.5 + 40 × 0.75 + 140) ÷ 200
  assert.ok(Math.abs(recall.mean - 0.9) < 1e-12, `${recall.mean}`);
  assert.equal(recall.min, 0.5);
  assert.equal(recall.max, 1);
  assert.ok(Math.abs(recall.percentile(5) - 0.5) < 0.001);
  assert.ok(Math.abs(recall.percentile(25) - 0.75) < 0.001);
  assert.equal(recall.percentile(90), 1);
});

test('a perfect recall has a mean of exactly 1', () => {
  const tally = new ScoreTally(PLANS, scorerOf);
  for (let iteration = 0; iteration < 333; iteration++) add(tally, 4, { iteration });
  assert.equal(storeOf(tally).histogram('recall@4').mean, 1);
});

test('what was taken is not told again, and phases are kept apart', () => {
  const tally = new ScoreTally(PLANS, scorerOf);
  add(tally, 4, { iteration: 0, phase: WARMUP });
  add(tally, 2, { iteration: 0 });
  const store = storeOf(tally);
  assert.equal(store.histogram('recall@4', { phase: 'warmup' }).mean, 1);
  assert.equal(store.histogram('recall@4').mean, 0.5);
  assert.deepEqual(tally.take(), []);
});

test('the worst answers of the measured phase are named, the worst one first', () => {
  const tally = new ScoreTally(PLANS, scorerOf);
  add(tally, 0, { iteration: 77, phase: WARMUP });
  for (let iteration = 0; iteration < 50; iteration++) add(tally, 4, { iteration });
  add(tally, 1, { iteration: 61 });
  add(tally, 0, { iteration: 60 });
  const [{ metric, answers } = assert.fail()] = tally.worst;
  assert.equal(metric, 'recall@4');
  assert.equal(answers.length, 10);
  assert.deepEqual(answers.slice(0, 3), [
    { iteration: 60, value: 0 },
    { iteration: 61, value: 0.25 },
    { iteration: 0, value: 1 },
  ]);
});

test('what two scorers of a step both count is counted once', () => {
  const both = [
    { scorer: 'recall@4', tags, taken: [] },
    { scorer: 'recall_ids@4', tags, taken: ['short_answers@4', 'duplicate_ids@4'] },
  ];
  const tally = new ScoreTally(both, scorerOf);
  const input = { answer: [1], reference: REFERENCE, distances: REFERENCE };
  for (const scorer of [0, 1]) tally.add({ scorer, phase: MEASURE, iteration: 0, input, window });
  const short = tally.take().filter(({ metric }) => metric === 'short_answers@4');
  assert.deepEqual(
    short.map(({ value }) => value),
    [1],
  );
});
