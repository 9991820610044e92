import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VuCurve, type ActiveStretch, type VuStage } from '../../../src/load/pacing/vu-curve.ts';

const SECOND = 1e9;

function allStretches(curve: VuCurve): ActiveStretch[] {
  return Array.from({ length: curve.peakVus }, (_, vu) => [...curve.stretches(vu)]).flat();
}

/** VU-seconds that all VUs together are active before `untilNs`. */
function vuSeconds(stretches: readonly ActiveStretch[], untilNs: number): number {
  return stretches.reduce(
    (sum, { fromNs, untilNs: endNs }) =>
      sum + Math.max(0, Math.min(endNs, untilNs) - fromNs) / SECOND,
    0,
  );
}

test('the ramp of the k6 documentation: ten VUs up over 20 s, and down over 10 s', () => {
  const curve = new VuCurve(0, [
    { toVus: 10, durationNs: 20 * SECOND },
    { toVus: 0, durationNs: 10 * SECOND },
  ]);
  assert.deepEqual([curve.peakVus, curve.durationNs, curve.vuSeconds], [10, 30 * SECOND, 150]);
  assert.deepEqual([...curve.stretches(0)], [{ fromNs: SECOND, untilNs: 29.5 * SECOND }]);
  assert.deepEqual([...curve.stretches(9)], [{ fromNs: 19 * SECOND, untilNs: 20.5 * SECOND }]);
  assert.deepEqual([...curve.stretches(10)], []);
});

test('a stage without a duration is a jump', () => {
  const curve = new VuCurve(5, [
    { toVus: 5, durationNs: SECOND },
    { toVus: 3, durationNs: 0 },
    { toVus: 3, durationNs: SECOND },
    { toVus: 4, durationNs: 0 },
    { toVus: 4, durationNs: SECOND },
  ]);
  assert.deepEqual([...curve.stretches(2)], [{ fromNs: 0, untilNs: 3 * SECOND }]);
  assert.deepEqual(
    [...curve.stretches(3)],
    [
      { fromNs: 0, untilNs: SECOND },
      { fromNs: 2 * SECOND, untilNs: 3 * SECOND },
    ],
  );
  assert.deepEqual([...curve.stretches(4)], [{ fromNs: 0, untilNs: SECOND }]);
});

const stage = fc.record({
  toVus: fc.integer({ min: 0, max: 40 }),
  durationNs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5 * SECOND })),
});
const ramp = fc.record({
  startVus: fc.integer({ min: 0, max: 40 }),
  stages: fc.array(stage, { minLength: 1, maxLength: 5 }),
});

test('the VU-time of every stage is the area under its line', () => {
  fc.assert(
    fc.property(ramp, ({ startVus, stages }) => {
      const stretches = allStretches(new VuCurve(startVus, stages));
      let areaSoFar = 0;
      let untilNs = 0;
      let fromVus = startVus;
      for (const { toVus, durationNs } of stages) {
        areaSoFar += ((fromVus + toVus) / 2) * (durationNs / SECOND);
        untilNs += durationNs;
        fromVus = toVus;
        // Each crossing is rounded to whole ns.
        const toleranceSeconds = (stretches.length + 1) * 1e-9;
        assert.ok(Math.abs(vuSeconds(stretches, untilNs) - areaSoFar) <= toleranceSeconds);
      }
    }),
    { numRuns: 300, seed: 5 },
  );
});

test('at any time the active VUs are the first ones, as many as the line says to the nearest', () => {
  fc.assert(
    fc.property(ramp, fc.double({ min: 0, max: 1, noNaN: true }), ({ startVus, stages }, part) => {
      const curve = new VuCurve(startVus, stages);
      const timeNs = Math.floor(part * Math.max(0, curve.durationNs - 1));
      if (timeNs >= curve.durationNs) return;
      const active = Array.from({ length: curve.peakVus }, (_, vu) =>
        [...curve.stretches(vu)].some(({ fromNs, untilNs }) => {
          return fromNs <= timeNs && timeNs < untilNs;
        }),
      );
      const count = active.filter(Boolean).length;
      assert.ok(active.slice(0, count).every(Boolean), 'the first ones');
      // Within a ns the line moves by no more than its slope.
      const slack = 40 / Math.max(1, Math.min(...stages.map(nonZeroDuration))) + 1e-9;
      assert.ok(Math.abs(count - lineAt(startVus, stages, timeNs)) <= 0.5 + slack);
    }),
    { numRuns: 300, seed: 6 },
  );
});

function nonZeroDuration({ durationNs }: VuStage): number {
  return durationNs === 0 ? Infinity : durationNs;
}

function lineAt(startVus: number, stages: readonly VuStage[], timeNs: number): number {
  let fromVus = startVus;
  let startNs = 0;
  for (const { toVus, durationNs } of stages) {
    if (timeNs < startNs + durationNs) {
      return fromVus + ((toVus - fromVus) * (timeNs - startNs)) / durationNs;
    }
    startNs += durationNs;
    fromVus = toVus;
  }
  return fromVus;
}
