import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
} from '../../../src/reports/format/quantities.ts';

test('durations take the unit that leaves three digits', () => {
  const expected: readonly (readonly [number, string])[] = [
    [0, '0 ns'],
    [412, '412 ns'],
    [999.4, '999 ns'],
    [999.6, '1.00 µs'],
    [8_214, '8.21 µs'],
    [999_499, '999 µs'],
    [999_500, '1.00 ms'],
    [12_345_678, '12.3 ms'],
    [99_960_000, '100 ms'],
    [1_234e6, '1.23 s'],
    [119.94e9, '120 s'],
    [125e9, '2m 05s'],
    [3_723e9, '1h 02m'],
  ];
  for (const [ns, text] of expected) assert.equal(formatDuration(ns), text, `${ns} ns`);
});

test('counts have their thousands apart', () => {
  assert.equal(formatCount(0), '0');
  assert.equal(formatCount(999), '999');
  assert.equal(formatCount(1_000), '1,000');
  assert.equal(formatCount(24_012_345), '24,012,345');
});

test('rates keep the digits that tell two runs apart', () => {
  assert.equal(formatRate(0.5), '0.50/s');
  assert.equal(formatRate(199.64), '199.6/s');
  assert.equal(formatRate(5_000), '5,000.0/s');
  assert.equal(formatRate(101_234.4), '101,234/s');
});

test('a share prints as 0% only when it is nothing, and as 100% only when it is all', () => {
  assert.equal(formatShare(0), '0%');
  assert.equal(formatShare(1e-9), '<0.01%');
  assert.equal(formatShare(0.0017), '0.17%');
  assert.equal(formatShare(0.02), '2.0%');
  assert.equal(formatShare(0.9991), '99.91%');
  assert.equal(formatShare(0.99999), '>99.99%');
  assert.equal(formatShare(1), '100%');
});

test('bytes take the binary unit that fits', () => {
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(1_023), '1,023 B');
  assert.equal(formatBytes(1_024), '1.00 KiB');
  assert.equal(formatBytes(5 * 2 ** 30), '5.00 GiB');
});
