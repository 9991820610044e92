import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleFloor } from '../../../src/measure/metrics/percentile-floors.ts';

test('the floors are those of MLPerf early stopping at 99% confidence', () => {
  const floors = [50, 90, 95, 99, 99.9].map((percent) => sampleFloor(percent));
  assert.deepEqual(floors, [11, 64, 130, 662, 6_636]);
});

/** The chance of at most one of `count` samples beyond a percentile, summed as a binomial. */
function chanceOfAtMostOne(share: number, count: number): number {
  return share ** count + count * share ** (count - 1) * (1 - share);
}

test('a floor is the smallest count for which the binomial chance is at most 1%', () => {
  for (const percent of [50, 60, 75, 80, 90, 95, 97.5, 99, 99.5, 99.9, 99.99]) {
    const floor = sampleFloor(percent);
    assert.ok(chanceOfAtMostOne(percent / 100, floor) <= 0.01, `p${percent} is too low`);
    assert.ok(chanceOfAtMostOne(percent / 100, floor - 1) > 0.01, `p${percent} is too high`);
  }
});

test('the lower tail needs as many samples as the upper one', () => {
  assert.equal(sampleFloor(5), sampleFloor(95));
  assert.equal(sampleFloor(0.1), sampleFloor(99.9));
});

test('no number of samples bounds the largest', () => {
  assert.equal(sampleFloor(100), Number.POSITIVE_INFINITY);
});
