import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomExponential, randomStream } from '../../../src/base/random/counter-random.ts';
import { Histogram } from '../../../src/measure/metrics/histogram.ts';
import { assessSeconds } from '../../../src/measure/statistics/assess-seconds.ts';
import { dependentSeries, keptOf } from './seconds.ts';

const MS = 1e6;
const PER_SECOND = 20;

/**
 * Seconds whose latencies are exponential around a mean that wanders: log mean = 0.3 · AR(1). Over
 * a long run their percentiles are those of the mixture.
 */
function wandering(seed: number, seconds: number, dependence: number) {
  const levels = dependentSeries(seed, seconds, dependence);
  const stream = randomStream(seed, 'test/latencies');
  return levels.map((level, at) => {
    const answered = new Histogram();
    for (let i = 0; i < PER_SECOND; i++) {
      const draw = randomExponential(stream, at * PER_SECOND + i);
      answered.record(Math.round(Math.exp(0.3 * level) * draw * 10 * MS));
    }
    return { answered, ok: PER_SECOND + 5 * level };
  });
}

/** P(X > value) of the mixture: the exponential tail, averaged over the levels of the seconds. */
function tail(valueNs: number): number {
  let [sum, weights] = [0, 0];
  for (let level = -6; level <= 6; level += 0.02) {
    const weight = Math.exp((-level * level) / 2);
    sum += weight * Math.exp(-valueNs / (Math.exp(0.3 * level) * 10 * MS));
    weights += weight;
  }
  return sum / weights;
}

function truePercentile(percent: number): number {
  let [low, high] = [0, 1_000 * MS];
  while (high - low > 1) {
    const middle = (low + high) / 2;
    if (tail(middle) > 1 - percent / 100) low = middle;
    else high = middle;
  }
  return low;
}

const TRUTH: Readonly<Record<string, number>> = {
  throughput: PER_SECOND,
  p50: truePercentile(50),
  p90: truePercentile(90),
  p99: truePercentile(99),
};

/** How often 95% intervals of runs of 80 seconds hold what an endless run would measure. */
function coverage(dependence: number) {
  const held = { throughput: 0, p50: 0, p90: 0, p99: 0 };
  for (let seed = 1; seed <= RUNS; seed++) {
    const units = keptOf(wandering(seed, 80, dependence));
    const { intervals } = assessSeconds(units, { seed, isOpen: false });
    for (const { percent, low, high } of intervals) {
      const name = (percent === null ? 'throughput' : `p${percent}`) as keyof typeof held;
      if (!(name in held)) continue;
      // A cell of a histogram is a thousandth wide, and so is what an end of an interval may miss.
      if (low * 0.999 <= TRUTH[name]! && TRUTH[name]! <= (high ?? Infinity) * 1.001) held[name]++;
    }
  }
  return Object.entries(held).map(([name, count]) => [name, count / RUNS] as const);
}

const RUNS = 60;

test('95% intervals hold the truth about 95 times in 100 where seconds are independent', () => {
  for (const [name, share] of coverage(0)) {
    // Of 60 runs, three standard deviations of the share are 8.4%.
    assert.ok(share >= 0.866, `${name}: ${share}`);
  }
});

test('where each second depends on the one before they still do so at least 80 times', () => {
  // Intervals that took seconds for independent would hold 74% here: 1.96 ÷ √3 deviations.
  for (const [name, share] of coverage(0.5)) assert.ok(share >= 0.8, `${name}: ${share}`);
});

test('the interval of one seed is the same every time, and a run of 19 seconds has none', () => {
  const run = { seed: 7, isOpen: false };
  const units = wandering(3, 40, 0.3);
  assert.deepEqual(assessSeconds(keptOf(units), run), assessSeconds(keptOf(units), run));
  const short = assessSeconds(keptOf(units.slice(0, 19)), run);
  assert.deepEqual([short.intervals, short.method], [[], null]);
});

test('an interval that reaches among those never answered has no upper end', () => {
  const units = wandering(5, 60, 0).map((unit) => ({
    ...unit,
    neverAnswered: unit.ok > PER_SECOND ? 4 : 0,
  }));
  const { intervals } = assessSeconds(keptOf(units), { seed: 1, isOpen: false });
  const highOf = (percent: number) => intervals.find((one) => one.percent === percent)?.high;
  assert.ok(typeof highOf(50) === 'number');
  // About 2 of 22 were never answered: p90 is among the answered by a hair, and p99 does not exist.
  assert.equal(highOf(90), null);
  assert.equal(highOf(99), undefined);
});
