import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  medianOf,
  repetitionInterval,
  studentFactor95,
} from '../../../src/measure/statistics/student-interval.ts';

test('beyond the table the factors go on as published tables do', () => {
  for (const [df, factor] of [
    [1, 12.706],
    [30, 2.042],
    [31, 2.0395],
    [40, 2.0211],
    [60, 2.0003],
    [120, 1.9799],
    [1e9, 1.96],
  ] as const) {
    assert.ok(Math.abs(studentFactor95(df) - factor) < 0.001, `${df}: ${studentFactor95(df)}`);
  }
});

test('the interval over repetitions is that of a worked example', () => {
  // Mean 10, standard deviation 2 over 4: 10 ± 3.182 · 2 / 2.
  const deviation = Math.sqrt(3);
  const { low, high } = repetitionInterval([
    10 - deviation,
    10 - deviation,
    10 + deviation,
    10 + deviation,
  ])!;
  assert.ok(Math.abs(low - 6.818) < 1e-9 && Math.abs(high - 13.182) < 1e-9, `${low} ${high}`);
});

test('one repetition, or one without a value, has no interval', () => {
  assert.equal(repetitionInterval([5]), undefined);
  assert.equal(repetitionInterval([5, Infinity, 6]), undefined);
});

test('the median of an even number lies between the two in the middle', () => {
  assert.equal(medianOf([9, 1, 3]), 3);
  assert.equal(medianOf([9, 1, 3, 5]), 4);
  assert.equal(medianOf([Infinity, Infinity]), Infinity);
});
