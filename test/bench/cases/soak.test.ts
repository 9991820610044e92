import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth, judgeIntervals } from '../../../bench/cases/soak.ts';

test('growth is judged on the last three quarters, whatever the first quarter did', () => {
  // 400 s: memory jumps in the first 100 s, then grows from 1,000,000 by 100 bytes a second.
  const samples = Array.from({ length: 401 }, (_, second) => {
    const bytes = second < 100 ? second * 9_000 : 1_000_000 + (second - 100) * 100;
    return [second, bytes] as const;
  });
  const { perMinute, firstBytes, lastBytes } = growth(samples);
  assert.ok(Math.abs(perMinute - 0.006) < 1e-9, String(perMinute));
  assert.ok(Math.abs(firstBytes - 1_000_000) < 1e-3);
  assert.ok(Math.abs(lastBytes - 1_030_000) < 1e-3);
});

test('rows that cover several seconds are complete, a missing second is not', () => {
  const row = (second: number, seconds: number) => ({
    phase: 'measure',
    second,
    seconds,
    operations: { ok: 10, timeout: 1 },
  });
  const warmup = { ...row(0, 1), phase: 'warmup' };
  assert.deepEqual(judgeIntervals([warmup, row(0, 1), row(1, 2), row(3, 1)], 4), {
    complete: true,
    counted: 33,
  });
  assert.equal(judgeIntervals([row(0, 1), row(2, 1)], 3).complete, false);
  assert.equal(judgeIntervals([row(0, 1), row(1, 1)], 3).complete, false);
});
