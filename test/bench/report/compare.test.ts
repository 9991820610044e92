import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareRatios } from '../../../bench/report/compare.ts';
import type { Measurement } from '../../../bench/report/measurement.ts';
import type { Ratio } from '../../../bench/report/report.ts';

test('a ratio that lies wholly below the kept ones has dropped', () => {
  assert.deepEqual(held({ now: [0.7, 0.72, 0.74], before: [0.9, 0.92, 0.94] }), [false]);
});

test('a better ratio, and one within the spread, have not dropped', () => {
  assert.deepEqual(held({ now: [1.1, 1.2, 1.3], before: [0.9, 0.92, 0.94] }), [true]);
  assert.deepEqual(held({ now: [0.9, 0.91, 0.92], before: [0.9, 0.92, 0.94] }), [true]);
});

test('one slow repetition on either side is not a drop', () => {
  assert.deepEqual(held({ now: [0.4, 0.91, 0.93], before: [0.9, 0.92, 0.94] }), [true]);
  // The median is below all kept values, but a repetition reached their median.
  assert.deepEqual(held({ now: [0.8, 0.85, 0.95], before: [0.9, 0.92, 0.94] }), [true]);
});

test('of a cost, more is the drop', () => {
  assert.deepEqual(held({ now: [20, 21, 22], before: [10, 11, 12], better: 'lower' }), [false]);
  assert.deepEqual(held({ now: [5, 6, 7], before: [10, 11, 12], better: 'lower' }), [true]);
});

test('a ratio whose tool is no longer there is named and does not fail', () => {
  const gates = compareRatios(
    measurement({}),
    measurement({ 'requests/s ÷ wrk': { values: [0.9], better: 'higher' } }),
  );
  assert.deepEqual(gates, [
    { text: 'requests/s ÷ wrk: not measured, 0.90 (0.90–0.90) before', holds: true },
  ]);
});

function held({
  now,
  before,
  better = 'higher',
}: {
  readonly now: readonly number[];
  readonly before: readonly number[];
  readonly better?: Ratio['better'];
}): boolean[] {
  const gates = compareRatios(
    measurement({ ratio: { values: now, better } }),
    measurement({ ratio: { values: before, better } }),
  );
  return gates.map(({ holds }) => holds);
}

function measurement(ratios: Measurement['ratios']): Measurement {
  return {
    case: 'http-closed',
    finishedAt: '2026-01-01T00:00:00.000Z',
    repetitions: 3,
    seconds: 5,
    machine: {
      kind: 'test-2-cores',
      cpu: 'test',
      cores: 2,
      memoryBytes: 1,
      kernel: '6',
      node: 'v26',
      loadBefore: 0,
    },
    source: { commit: 'a'.repeat(40), modified: false },
    tables: [],
    ratios,
    gates: [],
    notes: [],
    othersShare: 0,
    versions: {},
  };
}
