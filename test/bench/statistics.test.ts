import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exactPercentile, median, regression, spread } from '../../bench/statistics.ts';

test('the median is the middle value, or the mean of the two in the middle', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([9, 1, 5, 7]), 6);
  assert.ok(Number.isNaN(median([])));
});

test('a spread shows median, least and greatest', () => {
  assert.equal(spread([0.97, 0.9, 0.93]), '0.93 (0.90–0.97)');
});

test('at least so many percent of the values are at or below a percentile, and no smaller one', () => {
  const values = fc.array(fc.double({ noNaN: true, min: 0, max: 1e9 }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (unsorted, percent) => {
      const sorted = Float64Array.from(unsorted).sort();
      const value = exactPercentile(sorted, percent);
      const needed = Math.ceil((percent / 100) * sorted.length);
      assert.ok(sorted.filter((other) => other <= value).length >= needed);
      assert.ok(sorted.filter((other) => other < value).length < needed);
    }),
  );
});

test('regression finds a line exactly and the slope of noise around one closely', () => {
  const exact = regression([0, 1, 2, 10].map((x) => [x, 3 - 0.5 * x] as const));
  assert.ok(Math.abs(exact.slope + 0.5) < 1e-12);
  assert.ok(Math.abs(exact.intercept - 3) < 1e-12);
  // By hand: means 2 and 3, covariance 8, variance 10.
  const points = [1, 3, 2, 5, 4].map((y, x) => [x, y] as const);
  assert.ok(Math.abs(regression(points).slope - 0.8) < 1e-12);
});
