import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomExponential, randomStream } from '../../../src/base/random/counter-random.ts';
import { backlogGrowth, trendOf } from '../../../src/measure/statistics/trend.ts';
import { dependentSeries } from './seconds.ts';

test('the score of values in order is that of the formula', () => {
  // S = 45 of 10 values, variance 10 · 9 · 25 / 18 = 125, score 44 / √125.
  const { score, slope, isSignificant } = trendOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])!;
  assert.ok(Math.abs(score - 44 / Math.sqrt(125)) < 1e-12);
  assert.deepEqual([slope, isSignificant], [1, true]);
});

test('equal values have no trend, and seven values are too few for one', () => {
  assert.equal(trendOf(Array.from({ length: 20 }, () => 5))!.isSignificant, false);
  assert.equal(trendOf([1, 2, 3, 4, 5, 6, 7]), undefined);
});

test('a steady series is seldom called a trend, also when its seconds depend on one another', () => {
  for (const dependence of [0, 0.5]) {
    const runs = 200;
    let found = 0;
    for (let seed = 1; seed <= runs; seed++) {
      if (trendOf(dependentSeries(seed, 60, dependence))!.isSignificant) found++;
    }
    // The level is 1%. At a dependence of 0.5 the plain variance would find 14% (2.576 ÷ √3
    // deviations); the corrected one is itself estimated, and finds about 7%.
    assert.ok(
      found / runs <= (dependence === 0 ? 0.03 : 0.1),
      `${dependence}: ${found} of ${runs}`,
    );
  }
});

test('a rise of one deviation in ten seconds is found within a minute', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const values = dependentSeries(seed, 60, 0.3).map((value, at) => value + at / 10);
    const { isSignificant, slope } = trendOf(values)!;
    assert.ok(isSignificant && slope > 0.05 && slope < 0.15, `${seed}: ${slope}`);
  }
});

/** Arrivals a second, due and not ended at each second's end, at a server of one slot. */
function queue(arrivalsPerSecond: number, servedPerSecond: number, seconds: number, seed: number) {
  const arrivals = randomStream(seed, 'test/arrivals');
  const services = randomStream(seed, 'test/services');
  const ends: number[] = [];
  const starts: number[] = [];
  let [now, free] = [0, 0];
  for (let index = 0; now < seconds; index++) {
    now += randomExponential(arrivals, index) / arrivalsPerSecond;
    free = Math.max(free, now) + randomExponential(services, index) / servedPerSecond;
    starts.push(now);
    ends.push(free);
  }
  return Array.from(
    { length: seconds },
    (_, at) => starts.filter((t) => t <= at + 1).length - ends.filter((t) => t <= at + 1).length,
  );
}

test('an overloaded server has a backlog that grows by what it cannot take', () => {
  const unit = { seconds: 1, dueEach: 120 };
  for (let seed = 1; seed <= 10; seed++) {
    const { isGrowing, perSecond } = backlogGrowth(queue(120, 100, 60, seed), unit)!;
    assert.ok(isGrowing, `${seed}`);
    // 20/s, give or take √(220 / 30 s) of one deviation and three of them.
    assert.ok(Math.abs(perSecond - 20) < 3 * Math.sqrt(220 / 30), `${seed}: ${perSecond}`);
  }
});

test('a queue that holds its load is not called growing, however it swings', () => {
  const unit = { seconds: 1, dueEach: 80 };
  let found = 0;
  for (let seed = 1; seed <= 60; seed++) {
    if (backlogGrowth(queue(80, 100, 60, seed), unit)!.isGrowing) found++;
  }
  assert.ok(found <= 2, `${found} of 60`);
});

test('a backlog that grew at first and came to rest is not growing', () => {
  const backlog = Array.from({ length: 60 }, (_, at) => Math.min(at * 50, 1_000) + (at % 3));
  assert.equal(backlogGrowth(backlog, { seconds: 1, dueEach: 100 })!.isGrowing, false);
});
