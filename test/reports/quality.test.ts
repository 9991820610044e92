import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricStore } from '../../src/measure/metrics/metric-store.ts';
import { MEASURE } from '../../src/measure/metrics/outcome.ts';
import { ScoreTally } from '../../src/measure/quality/score-tally.ts';
import { scorerOf } from '../../src/measure/quality/scorers.ts';
import { qualityRemarks } from '../../src/reports/quality.ts';
import type { Result } from '../../src/results/schema/result.ts';

const REFERENCE = [1, 2, 3, 4];

/** Remarks on answers of which each has so many of the four nearest. */
function remarks(hits: readonly number[]): readonly string[] {
  const plan = { scorer: 'recall@4', tags: { step: 'knn' }, taken: [] };
  const tally = new ScoreTally([plan], scorerOf);
  for (const [iteration, right] of hits.entries()) {
    const answer = REFERENCE.map((id, at) => (at < right ? id : id + 100));
    const input = { answer, reference: REFERENCE, distances: REFERENCE };
    const window = { sentNs: 1, doneNs: 2 };
    tally.add({ scorer: 0, phase: MEASURE, iteration, input, window });
  }
  const { metrics: declarations } = scorerOf('recall@4')!;
  const source = MetricStore.fromRecords({
    declarations,
    durationSeconds: 1,
    records: tally.take(),
  });
  return qualityRemarks({ worstAnswers: tally.worst } as unknown as Result, source);
}

test('the worst answers are named, the worst one first', () => {
  assert.deepEqual(remarks([4, 2, 1]), [
    'worst recall@4 of knn: iteration 2 0.2500, iteration 1 0.5000, iteration 0 1.0000',
  ]);
});

test('of answers that are all as good as each other none is the worst', () => {
  assert.deepEqual(remarks([4, 4, 4]), []);
  assert.deepEqual(remarks([2]), []);
});
