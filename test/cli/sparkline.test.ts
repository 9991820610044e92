import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sparkline } from '../../src/cli/sparkline.ts';

test('heights go from nothing to the highest value shown', () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), '▁▂▃▄▅▆▇█');
  assert.equal(sparkline([700, 100], 8), '█▂');
});

test('only the last values that fit are shown, and scaled by themselves', () => {
  assert.equal(sparkline([1_000, 7, 3.5, 0], 3), '█▅▁');
  assert.equal(sparkline([1, 2], 0), '');
  assert.equal(sparkline([1, 2], -5), '');
});

test('unknown values are dots, and nothing at all is flat', () => {
  assert.equal(sparkline([1, Number.NaN, Infinity], 5), '█··');
  assert.equal(sparkline([0, 0], 5), '▁▁');
});
