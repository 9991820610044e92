import fc from 'fast-check';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { randomStream } from '../../../src/base/random/counter-random.ts';
import type { Arrival } from '../../../src/load/pacing/arrival.ts';
import { digestPlan } from '../../../src/load/pacing/plan-digest.ts';
import { Plan } from '../../../src/load/pacing/plan.ts';
import { RateCurve } from '../../../src/load/pacing/rate-curve.ts';
import { shareOf, type Share } from '../../../src/load/pacing/share.ts';
import { criticalDistance, distance, gammaDistribution } from '../../support/distances.ts';

const SECOND = 1e9;

interface Event {
  readonly index: number;
  readonly offsetNs: number;
}

function events(plan: Plan, share?: Share): Event[] {
  const found: Event[] = [];
  const cursor = plan.cursor(share);
  for (; cursor.offsetNs !== Infinity; cursor.advance()) {
    found.push({ index: cursor.index, offsetNs: cursor.offsetNs });
  }
  return found;
}

function planOf(curve: RateCurve, arrival: Arrival, seed = 1, limit?: number): Plan {
  return new Plan({ curve, arrival, stream: randomStream(seed, 'test'), limit });
}

const RAMP = RateCurve.ramping(20, [
  { toPerSecond: 400, durationNs: 3 * SECOND },
  { toPerSecond: 400, durationNs: 2 * SECOND },
  { toPerSecond: 0, durationNs: 3 * SECOND },
]);
const ALL_ARRIVALS: readonly Arrival[] = [
  'constant',
  'poisson',
  { gamma: { cv: 2 } },
  { gamma: { cv: 0.3 } },
];

test('the shares of any number of workers are together the whole plan, event by event', () => {
  for (const arrival of ALL_ARRIVALS) {
    for (const curve of [RAMP, RateCurve.constant(333, 4 * SECOND)]) {
      const plan = planOf(curve, arrival);
      const whole = events(plan);
      assert.ok(whole.length > 1000);
      for (const count of [1, 2, 7]) {
        const shares = Array.from({ length: count }, (_, index) => events(plan, { index, count }));
        for (const [index, share] of shares.entries()) {
          assert.equal(share.length, shareOf(whole.length, { index, count }));
          assert.ok(share.every((event) => event.index % count === index));
        }
        const union = shares.flat().toSorted((one, other) => one.index - other.index);
        assert.deepEqual(union, whole);
      }
    }
  }
});

test('events are whole ns, in order, and before the end of the curve', () => {
  for (const arrival of ALL_ARRIVALS) {
    let previousNs = 0;
    for (const { offsetNs } of events(planOf(RAMP, arrival))) {
      assert.ok(Number.isSafeInteger(offsetNs));
      assert.ok(offsetNs >= previousNs && offsetNs < RAMP.durationNs);
      previousNs = offsetNs;
    }
  }
});

test('constant arrival i lies where the area is i', () => {
  for (const { index, offsetNs } of events(planOf(RAMP, 'constant'))) {
    // Half a ns of rounding at the highest rate.
    assert.ok(Math.abs(RAMP.areaAt(offsetNs) - index) < 1e-6);
  }
});

test('by any time, constant arrivals are as many as the area says, to one', () => {
  const stage = fc.record({
    toPerSecond: fc.integer({ min: 0, max: 500 }),
    durationNs: fc.integer({ min: 1, max: 3 * SECOND }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 500 }),
      fc.array(stage, { minLength: 1, maxLength: 4 }),
      (startPerSecond, stages) => {
        const curve = RateCurve.ramping(startPerSecond, stages);
        const found = events(planOf(curve, 'constant'));
        assert.ok(Math.abs(found.length - curve.totalArea) <= 1);
        for (const part of [0.2, 0.5, 0.9]) {
          const timeNs = part * curve.durationNs;
          const arrived = found.filter(({ offsetNs }) => offsetNs < timeNs).length;
          assert.ok(Math.abs(arrived - curve.areaAt(timeNs)) <= 1 + 1e-6);
        }
      },
    ),
    { numRuns: 100, seed: 3 },
  );
});

test('a constant rate for a duration has exactly rate × duration arrivals', () => {
  for (const [rate, seconds] of [
    [200, 10],
    [100 / 60, 60],
    [1 / 3, 3],
    [7, 0.1],
  ] as const) {
    const count = planOf(RateCurve.constant(rate, seconds * SECOND), 'constant').count();
    assert.equal(count, Math.ceil(rate * seconds - 1e-9));
  }
});

test('a plan with a limit is the beginning of the plan without one', () => {
  for (const arrival of ALL_ARRIVALS) {
    const limited = planOf(RateCurve.constant(50), arrival, 1, 300);
    const bounded = planOf(RateCurve.constant(50, 20 * SECOND), arrival);
    assert.equal(limited.count(), 300);
    assert.deepEqual(events(limited), events(bounded).slice(0, 300));
  }
});

test('Poisson gaps at a constant rate are exponential, with a coefficient of variation of 1', () => {
  for (const seed of [1, 2, 3, 42]) {
    const found = events(planOf(RateCurve.constant(1000, 20 * SECOND), 'poisson', seed));
    const gaps = found.map(
      ({ offsetNs }, index) => (offsetNs - (found[index - 1]?.offsetNs ?? 0)) / SECOND,
    );
    const ks = distance(gaps, (gap) => 1 - Math.exp(-1000 * gap));
    assert.ok(ks < criticalDistance(gaps.length), `KS distance ${ks}`);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // The standard error of both is about 1/√n = 0.7%.
    assert.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.025);
    assert.ok(Math.abs(mean * 1000 - 1) < 0.025);
  }
});

test('gamma gaps at a constant rate have the mean of the rate and the variation asked for', () => {
  for (const cv of [0.25, 0.7, 1, 2, 3]) {
    for (const seed of [1, 42]) {
      const rate = 1000;
      const plan = planOf(RateCurve.constant(rate), { gamma: { cv } }, seed, 40_000);
      const found = events(plan);
      const gaps = found.map(
        ({ offsetNs }, index) => (rate * (offsetNs - (found[index - 1]?.offsetNs ?? 0))) / SECOND,
      );
      const ks = distance(gaps, gammaDistribution(cv));
      // Gaps are rounded to whole ns, which moves those near 0 of a bursty process.
      const rounding = gammaDistribution(cv)((2 * rate) / SECOND);
      assert.ok(ks < criticalDistance(gaps.length) + rounding, `KS distance ${ks} for cv ${cv}`);
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
      // The mean of n gaps has a standard error of cv/√n.
      assert.ok(Math.abs(mean - 1) < (4 * cv) / Math.sqrt(gaps.length), `mean ${mean}`);
      // The variance has one of cv²·√((κ − 1)/n), where a gamma law's kurtosis κ is 3 + 6 cv².
      const error = cv ** 2 * Math.sqrt((2 + 6 * cv ** 2) / gaps.length);
      assert.ok(Math.abs(variance - cv ** 2) < 4 * error, `variance ${variance} for cv ${cv}`);
    }
  }
});

test('gamma arrivals follow a ramp: by any time as many as the area, within their variation', () => {
  const curve = RateCurve.ramping(0, [
    { toPerSecond: 4000, durationNs: 10 * SECOND },
    { toPerSecond: 0, durationNs: 10 * SECOND },
  ]);
  for (const cv of [0.5, 2]) {
    const found = events(planOf(curve, { gamma: { cv } }, 9));
    for (const seconds of [2, 5, 10, 15, 20]) {
      const area = curve.areaAt(seconds * SECOND);
      const arrived = found.filter(({ offsetNs }) => offsetNs < seconds * SECOND).length;
      // A renewal process counts area + (cv² − 1)/2 with variance cv²·area (Cox, Renewal Theory).
      const expected = area + (cv ** 2 - 1) / 2;
      assert.ok(Math.abs(arrived - expected) < 4 * cv * Math.sqrt(area), `${arrived} of ${area}`);
    }
  }
});

test('Poisson arrivals under a ramp follow the ramp and are independent of each other', () => {
  for (const seed of [5, 6, 7]) {
    const curve = RateCurve.ramping(0, [
      { toPerSecond: 2000, durationNs: 10 * SECOND },
      { toPerSecond: 100, durationNs: 10 * SECOND },
    ]);
    const found = events(planOf(curve, 'poisson', seed));
    // Given their number, arrivals are spread as the area is.
    const places = found.map(({ offsetNs }) => curve.areaAt(offsetNs) / curve.totalArea);
    const spread = distance(places, (place) => place);
    assert.ok(spread < criticalDistance(places.length), `KS distance ${spread}`);
    // Seen on the axis of expected arrivals it is a Poisson process of rate 1.
    const gaps = places.map((place, index) => (place - (places[index - 1] ?? 0)) * curve.totalArea);
    const ks = distance(gaps, (gap) => 1 - Math.exp(-gap));
    assert.ok(ks < criticalDistance(gaps.length), `KS distance ${ks}`);
    const [first, second] = [gaps.slice(0, -1), gaps.slice(1)];
    const product = first.reduce((sum, gap, index) => sum + (gap - 1) * (second[index]! - 1), 0);
    assert.ok(Math.abs(product / first.length) < 4 / Math.sqrt(first.length), 'gaps correlate');
    // The count is Poisson too: within four standard deviations.
    assert.ok(Math.abs(found.length - curve.totalArea) < 4 * Math.sqrt(curve.totalArea));
  }
});

test('two cursors over one plan are independent, and one can go to the other', () => {
  const plan = planOf(RAMP, 'poisson');
  const share = { index: 1, count: 3 };
  const whole = events(plan, share);
  const ahead = plan.cursor(share);
  const behind = plan.cursor(share);
  for (let step = 0; step < 100; step++) ahead.advance();
  assert.deepEqual([behind.index, behind.offsetNs], [whole[0]!.index, whole[0]!.offsetNs]);
  assert.equal(ahead.offsetNs, whole[100]!.offsetNs);
  behind.moveTo(ahead);
  behind.advance();
  assert.equal(behind.offsetNs, whole[101]!.offsetNs);
  assert.equal(ahead.offsetNs, whole[100]!.offsetNs);
});

test('the end of a plan is final', () => {
  const cursor = planOf(RateCurve.constant(1), 'constant', 1, 2).cursor();
  cursor.advance();
  assert.equal(cursor.offsetNs, SECOND);
  for (let step = 0; step < 3; step++) cursor.advance();
  assert.deepEqual([cursor.index, cursor.offsetNs], [2, Infinity]);
});

test('the digest of a plan is that of its events as 64-bit little-endian integers', () => {
  // Long enough for several chunks and for offsets beyond 2³² ns.
  const plan = planOf(RateCurve.constant(1000, 20 * SECOND), 'poisson');
  const whole = events(plan);
  const bytes = new BigInt64Array(whole.map(({ offsetNs }) => BigInt(offsetNs)));
  const expected = createHash('sha256').update(bytes).digest('hex');
  const hash = createHash('sha256');
  assert.equal(digestPlan(hash, plan), whole.length);
  assert.equal(hash.digest('hex'), expected);
});
