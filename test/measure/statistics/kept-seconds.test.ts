import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptSeconds } from '../../../src/measure/statistics/kept-seconds.ts';
import { RecordedTrial } from '../../results/recorded-trial.ts';
import { MS, onePlan } from '../metrics/recorded-world.ts';

test('a run of half an hour is kept in at most 128 units, and nothing of it is lost', () => {
  const recorded = new RecordedTrial(onePlan, { warmup: 0, measure: 0 });
  const kept = new KeptSeconds('response_time');
  for (let at = 0; at < 1_800; at++) {
    const row = recorded.second('measure', (second) => second.iteration({ responseNs: at * MS }));
    kept.add(row);
  }
  assert.equal(kept.unitSeconds, 16);
  assert.ok(kept.units.length <= 128, `${kept.units.length}`);
  const counted = kept.units.reduce((sum, { answered }) => sum + answered.count, 0);
  assert.ok(1_800 - counted < kept.unitSeconds, `${counted}`);
  for (const { answered } of kept.units) assert.equal(answered.count, 16);
});
