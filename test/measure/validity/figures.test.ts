import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ThresholdResult } from '../../../src/measure/thresholds/evaluate-thresholds.ts';
import { observedText, percentText } from '../../../src/measure/validity/figures.ts';

function result(
  value: number,
  unit: 'ns' | 'count' | 'bytes' | 'ratio',
  perSecond = false,
): ThresholdResult {
  const observed = { value, unit, perSecond };
  return { text: '', status: 'failed', observed, reason: undefined, tags: {}, thin: false };
}

test('what a rule observed is told with its unit, as people read it', () => {
  assert.equal(observedText(result(143_360, 'ns')), '143 µs');
  assert.equal(observedText(result(45_900_000, 'ns')), '46 ms');
  assert.equal(observedText(result(0.0234, 'ratio')), '2.3%');
  assert.equal(observedText(result(1234.56, 'count', true)), '1230/s');
  assert.equal(observedText(result(65_536, 'bytes')), '65500 bytes');
});

test('where nothing was observed the reason stands instead', () => {
  const none = { ...result(0, 'ns'), observed: undefined };
  assert.equal(
    observedText({ ...none, reason: 'needs 662 samples, has 200' }),
    'needs 662 samples, has 200',
  );
  assert.equal(observedText(none), 'no data');
});

test('a share that is not nothing never prints as 0%, and one that is not all never as 100%', () => {
  assert.equal(percentText(0), '0%');
  assert.equal(percentText(0.00012), '0.012%');
  assert.equal(percentText(0.994), '99%');
  assert.equal(percentText(1), '100%');
});
