import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateCurve } from '../../../src/load/pacing/rate-curve.ts';

const SECOND = 1e9;

/** Start rate and stages, and the rate at any time by plain interpolation: the oracle. */
interface Ramp {
  readonly start: number;
  readonly stages: readonly { readonly toPerSecond: number; readonly durationNs: number }[];
}

function rateAt({ start, stages }: Ramp, timeNs: number): number {
  let fromPerSecond = start;
  let leftNs = timeNs;
  for (const { toPerSecond, durationNs } of stages) {
    if (leftNs < durationNs) {
      return fromPerSecond + ((toPerSecond - fromPerSecond) * leftNs) / durationNs;
    }
    leftNs -= durationNs;
    fromPerSecond = toPerSecond;
  }
  return fromPerSecond;
}

/** Midpoint rule over many steps. */
function integrate(ramp: Ramp, fromNs: number, toNs: number): number {
  const steps = 20_000;
  const stepNs = (toNs - fromNs) / steps;
  let area = 0;
  for (let step = 0; step < steps; step++) area += rateAt(ramp, fromNs + (step + 0.5) * stepNs);
  return (area * stepNs) / SECOND;
}

const RAMPS: readonly Ramp[] = [
  { start: 0, stages: [{ toPerSecond: 200, durationNs: 30 * SECOND }] },
  { start: 300, stages: [{ toPerSecond: 0, durationNs: 7 * SECOND }] },
  {
    start: 10,
    stages: [
      { toPerSecond: 110, durationNs: 5 * SECOND },
      { toPerSecond: 110, durationNs: 2 * SECOND },
      { toPerSecond: 500, durationNs: 0 },
      { toPerSecond: 20, durationNs: 3 * SECOND },
    ],
  },
];

test('the area agrees with numeric integration', () => {
  for (const ramp of RAMPS) {
    const curve = RateCurve.ramping(ramp.start, ramp.stages);
    for (const part of [0.1, 0.37, 0.5, 0.83, 1]) {
      const timeNs = part * curve.durationNs;
      const area = curve.areaAt(timeNs);
      const expected = integrate(ramp, 0, timeNs);
      assert.ok(Math.abs(area - expected) < 1e-3 * expected + 0.05, `${area}, ${expected}`);
    }
    assert.equal(curve.areaAt(curve.durationNs), curve.totalArea);
  }
});

test('a triangle and a rectangle have the areas of the school book', () => {
  assert.equal(RateCurve.constant(200, 10 * SECOND).totalArea, 2000);
  const triangle = RateCurve.ramping(0, [{ toPerSecond: 100, durationNs: 10 * SECOND }]);
  assert.equal(triangle.totalArea, 500);
  // Half of the height is reached after a quarter of the area.
  assert.ok(Math.abs(triangle.timeAt(125) - 5 * SECOND) < 1e-3);
});

const stage = fc.record({
  toPerSecond: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1e6, noNaN: true })),
  durationNs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3600 * SECOND })),
});
const ramps = fc.record({
  start: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1e6, noNaN: true })),
  stages: fc.array(stage, { minLength: 1, maxLength: 5 }),
});

test('the inverse undoes the area, for rising, falling, flat and zero rates', () => {
  fc.assert(
    fc.property(ramps, fc.double({ min: 0, max: 0.999999, noNaN: true }), (ramp, part) => {
      const curve = RateCurve.ramping(ramp.start, ramp.stages);
      fc.pre(curve.totalArea > 1e-6);
      const area = part * curve.totalArea;
      const timeNs = curve.timeAt(area);
      assert.ok(timeNs >= 0 && timeNs <= curve.durationNs, `${timeNs} of ${curve.durationNs}`);
      const back = curve.areaAt(timeNs);
      // What the rounding of a time of this size makes of the area, and a little.
      const roundingNs = curve.durationNs * 2 ** -50;
      const tolerance = 1e-9 * curve.totalArea + (curve.peakPerSecond * roundingNs) / SECOND;
      assert.ok(Math.abs(back - area) <= tolerance, `${area} became ${back}`);
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test('a slope that is almost flat loses no digits', () => {
  // The textbook root (√(r² + 2ka) − r) / k is off by 0.1 s here.
  const curve = RateCurve.ramping(1e6, [{ toPerSecond: 1e6 + 1e-6, durationNs: 1000 * SECOND }]);
  assert.ok(Math.abs(curve.timeAt(500e6) - 500 * SECOND) < 1);
});

test('nothing arrives while the rate is zero', () => {
  const curve = RateCurve.ramping(0, [
    { toPerSecond: 0, durationNs: 10 * SECOND },
    { toPerSecond: 10, durationNs: 0 },
    { toPerSecond: 10, durationNs: SECOND },
  ]);
  assert.equal(curve.timeAt(0), 10 * SECOND);
  assert.equal(curve.timeAt(5), 10.5 * SECOND);
  assert.equal(curve.timeAt(10), Infinity);
});

test('a constant rate without an end goes on for ever', () => {
  const curve = RateCurve.constant(4);
  assert.equal(curve.durationNs, Infinity);
  assert.equal(curve.timeAt(1e9), 0.25e9 * SECOND);
  assert.equal(curve.areaAt(3 * SECOND), 12);
});

test('a held curve goes on at its last rate', () => {
  const ramp = RateCurve.ramping(0, [{ toPerSecond: 100, durationNs: 10 * SECOND }]);
  const held = ramp.held();
  assert.equal(held.timeAt(100), ramp.timeAt(100));
  assert.equal(held.timeAt(600), 11 * SECOND);
  const toZero = RateCurve.ramping(100, [{ toPerSecond: 0, durationNs: 10 * SECOND }]);
  assert.equal(toZero.held().timeAt(600), Infinity);
});
