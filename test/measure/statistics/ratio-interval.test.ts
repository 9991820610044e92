import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream, randomUniform } from '../../../src/base/random/counter-random.ts';
import { ratioInterval, repeatedEstimate } from '../../../src/measure/statistics/ratio-interval.ts';

test('the interval of a ratio is that of a worked example', () => {
  // On the logarithmic scale: 1 ± 0.3 and 0.5 ± 0.4, so 0.5 ± √(0.3² + 0.4²).
  const estimate = (log: number, half: number) => {
    return { value: Math.exp(log), low: Math.exp(log - half), high: Math.exp(log + half) };
  };
  const { ratio, low, high } = ratioInterval(estimate(1, 0.3), estimate(0.5, 0.4));
  assert.ok(Math.abs(Math.log(ratio) - 0.5) < 1e-12);
  assert.ok(Math.abs(Math.log(low)) < 1e-12);
  assert.ok(Math.abs(Math.log(high!) - 1) < 1e-12);
});

test('a figure without an upper bound leaves its side of the ratio open', () => {
  const open = { value: 2, low: 1, high: null };
  const closed = { value: 2, low: 1, high: 4 };
  assert.equal(ratioInterval(open, closed).high, null);
  assert.ok(ratioInterval(open, closed).low > 0);
  assert.equal(ratioInterval(closed, open).low, 0, 'the baseline may be any size');
});

test('what is not positive, or alone, has no estimate', () => {
  assert.equal(repeatedEstimate([5]), undefined);
  assert.equal(repeatedEstimate([5, 0]), undefined);
  assert.equal(repeatedEstimate([5, Number.NaN]), undefined);
});

// The oracle is the law the figures are drawn from: its ratio is known.
for (const repetitions of [2, 3, 5, 10]) {
  test(`of ${repetitions} repetitions each, 95 of 100 intervals hold the true ratio`, () => {
    const stream = randomStream(1, `ratio/${repetitions}`);
    let drawn = 0;
    const sample = (median: number): number[] =>
      Array.from({ length: repetitions }, () => median * Math.exp(0.2 * normal(stream, drawn++)));
    const rounds = 2_000;
    let [held, falseAlarms] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const current = repeatedEstimate(sample(11))!;
      const baseline = repeatedEstimate(sample(10))!;
      const { low, high } = ratioInterval(current, baseline);
      if (low <= 1.1 && high! >= 1.1) held++;
      if (low > 1.1) falseAlarms++;
    }
    // Three standard errors of a share over 2,000 rounds are 1.5 points.
    assert.ok(held / rounds > 0.935, `${held} of ${rounds}`);
    assert.ok(falseAlarms / rounds < 0.035, `${falseAlarms} of ${rounds} beyond the limit`);
  });
}

/** Box and Muller (1958). */
function normal(stream: ReturnType<typeof randomStream>, at: number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - randomUniform(stream, 2 * at)));
  return radius * Math.cos(2 * Math.PI * randomUniform(stream, 2 * at + 1));
}
