import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../../src/base/time/clock.ts';
import { WallClockWatch } from '../../../src/base/time/wall-clock-watch.ts';

function clocks() {
  const time = { nowNs: 5e9, wallMs: 1_700_000_000_000 };
  const clock: Clock = {
    nowNs: () => time.nowNs,
    wallMs: () => Math.floor(time.wallMs),
    after: () => () => {},
    nextTurn: () => {},
  };
  return {
    watch: new WallClockWatch(clock),
    set: (ms: number) => (time.wallMs += ms),
    /** `slewMs`: how much the wall clock gains on the way. */
    pass(ms: number, slewMs = 0) {
      time.nowNs += ms * 1e6;
      time.wallMs += ms + slewMs;
    },
  };
}

test('a wall clock that is set is told with the size and sign of its jump', () => {
  const { watch, set, pass } = clocks();
  for (const jumpMs of [0, -250, 0, 3_600_000]) {
    pass(50);
    set(jumpMs);
    watch.observe();
  }
  const { steps, start, end } = watch.record();
  assert.deepEqual(
    steps.map(({ stepMs }) => stepMs),
    [-250, 3_600_000],
  );
  assert.deepEqual(
    steps.map(({ clockNs }) => clockNs),
    [5.1e9, 5.2e9],
  );
  assert.equal(start.clockNs, 5e9);
  assert.equal(end.clockNs, 5.2e9);
});

test('clocks that run together have no steps', () => {
  const { watch, pass } = clocks();
  for (let tick = 0; tick < 1_000; tick++) {
    pass(50.3);
    watch.observe();
  }
  const { steps, driftMs } = watch.record();
  assert.deepEqual(steps, []);
  assert.ok(Math.abs(driftMs) <= 1);
});

test('a wall clock that is slewed is told as drift', () => {
  const { watch, pass } = clocks();
  for (let tick = 0; tick < 100; tick++) {
    pass(50, 0.05);
    watch.observe();
  }
  const { steps, driftMs } = watch.record();
  assert.deepEqual(steps, []);
  assert.ok(Math.abs(driftMs - 5) <= 1, `${driftMs}`);
});
