import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../../src/base/time/clock.ts';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { ControlBlock } from '../../../src/run/messages.ts';
import { PhaseKeeper, type PhaseRules } from '../../../src/run/runner/phase-keeper.ts';
import { StopRequests } from '../../../src/run/runner/stop-requests.ts';

const MS = 1e6;
const SECOND = 1e9;

/** Iterations that ended, by phase. */
function ended(warmup: number, measure: number): (phase: number) => number {
  return (phase) => (phase === WARMUP ? warmup : measure);
}

function keeperOf(rules: Partial<PhaseRules>) {
  const time = { nowNs: 1_000 * SECOND };
  const clock: Clock = {
    nowNs: () => time.nowNs,
    wallMs: () => 0,
    after: () => () => {},
    nextTurn: () => {},
  };
  const control = ControlBlock.allocate(1);
  const stop = new StopRequests();
  const keeper = new PhaseKeeper({
    control,
    clock,
    stop,
    rules: { warmup: undefined, measureNs: 10 * SECOND, gracefulStopNs: 3 * SECOND, ...rules },
  });
  return { time, control, stop, keeper };
}

test('without a warm-up the measured phase begins with the load, 200 ms ahead', () => {
  const { control, keeper, time } = keeperOf({});
  assert.equal(control.phaseStartNs(WARMUP), Infinity);
  keeper.start();
  assert.equal(control.phaseStartNs(WARMUP), time.nowNs + 200 * MS);
  assert.equal(control.phaseStartNs(MEASURE), control.phaseStartNs(WARMUP));
  assert.equal(control.phaseEndNs(MEASURE), control.phaseStartNs(MEASURE) + 10 * SECOND);
});

test('a warm-up with a duration fixes the measured phase from the start', () => {
  const { control, keeper } = keeperOf({ warmup: { durationNs: 5 * SECOND } });
  keeper.start();
  assert.equal(control.phaseStartNs(MEASURE), control.phaseStartNs(WARMUP) + 5 * SECOND);
  assert.equal(control.phaseEndNs(WARMUP), control.phaseStartNs(MEASURE));
});

test('a counted warm-up goes on until its count is reached and 200 ms more', () => {
  const { control, keeper, time } = keeperOf({
    warmup: { iterations: 100 },
    measureNs: undefined,
  });
  keeper.start();
  time.nowNs += SECOND;
  keeper.tick(ended(99, 0));
  assert.equal(control.phaseStartNs(MEASURE), Infinity);
  assert.equal(keeper.phase, 'warmup');
  keeper.tick(ended(103, 0));
  assert.equal(control.phaseStartNs(MEASURE), time.nowNs + 200 * MS);
  assert.equal(control.phaseEndNs(MEASURE), Infinity);
  time.nowNs += SECOND;
  keeper.tick(ended(120, 0));
  assert.equal(control.phaseStartNs(MEASURE), time.nowNs - 800 * MS, 'T0 is published once');
  assert.equal(keeper.phase, 'measure');
});

test('open operations are interrupted gracefulStop after the end, and not before', () => {
  const { control, keeper, time } = keeperOf({});
  keeper.start();
  time.nowNs = control.phaseEndNs(MEASURE) + 3 * SECOND - 1;
  keeper.tick(ended(0, 0));
  assert.equal(control.interrupted, false);
  assert.equal(keeper.phase, 'drain');
  time.nowNs += 1;
  keeper.tick(ended(0, 0));
  assert.equal(control.interrupted, true);
});

test('the first stop request ends the starting of load and leaves gracefulStop to the answers', () => {
  const { control, keeper, stop, time } = keeperOf({});
  keeper.start();
  time.nowNs += 2 * SECOND;
  stop.raise();
  keeper.tick(ended(0, 0));
  const stoppedAtNs = time.nowNs;
  time.nowNs += SECOND;
  keeper.tick(ended(0, 0));
  assert.equal(control.stopNs, stoppedAtNs, 'only the first stop counts');
  assert.equal(control.interrupted, false);
  time.nowNs += 2 * SECOND;
  keeper.tick(ended(0, 0));
  assert.equal(control.interrupted, true);
});

test('the second stop request interrupts at once, and a deaf worker is found out 2 s later', () => {
  const { control, keeper, stop, time } = keeperOf({});
  keeper.start();
  stop.raise();
  stop.raise();
  keeper.tick(ended(0, 0));
  assert.equal(control.interrupted, true);
  assert.equal(keeper.unheard, false);
  time.nowNs += 2 * SECOND + 1;
  assert.equal(keeper.unheard, true);
});

test('a start that was asked for is when the load starts, unless it is too near', () => {
  const asked = keeperOf({});
  asked.keeper.start(asked.time.nowNs + 5 * SECOND);
  assert.equal(asked.control.phaseStartNs(WARMUP), asked.time.nowNs + 5 * SECOND);
  const late = keeperOf({});
  late.keeper.start(late.time.nowNs + 50 * MS);
  assert.equal(late.control.phaseStartNs(WARMUP), late.time.nowNs + 200 * MS);
});

test('T1 comes when both minima hold, 200 ms ahead where the samples come last', () => {
  const minima = { durationNs: 5 * SECOND, iterations: 100 };
  const { control, keeper, time } = keeperOf({ measureNs: undefined, minima });
  keeper.start();
  const t0Ns = control.phaseStartNs(MEASURE);
  assert.equal(control.endsByTime, true, 'there will be a T1');
  time.nowNs = t0Ns + 6 * SECOND;
  keeper.tick(ended(0, 99));
  assert.equal(control.phaseEndNs(MEASURE), Infinity);
  keeper.tick(ended(0, 100));
  assert.equal(control.phaseEndNs(MEASURE), time.nowNs + 200 * MS);
  time.nowNs += SECOND;
  keeper.tick(ended(0, 120));
  assert.equal(control.phaseEndNs(MEASURE), t0Ns + 6.2 * SECOND, 'once known it does not change');
  assert.equal(keeper.phase, 'drain');
});

test('T1 is the least duration where the samples come first', () => {
  const minima = { durationNs: 5 * SECOND, iterations: 100 };
  const { control, keeper, time } = keeperOf({ measureNs: undefined, minima });
  keeper.start();
  const t0Ns = control.phaseStartNs(MEASURE);
  time.nowNs = t0Ns + SECOND;
  keeper.tick(ended(0, 250));
  assert.equal(control.phaseEndNs(MEASURE), t0Ns + 5 * SECOND);
  assert.equal(keeper.phase, 'measure');
});

test('T1 is the end of the plan where minima do not hold by then', () => {
  const minima = { durationNs: 2 * SECOND, iterations: 100 };
  const { control, keeper, time } = keeperOf({ measureNs: 4 * SECOND, minima });
  keeper.start();
  const t0Ns = control.phaseStartNs(MEASURE);
  time.nowNs = t0Ns + 3.7 * SECOND;
  keeper.tick(ended(0, 20));
  assert.equal(control.phaseEndNs(MEASURE), Infinity);
  time.nowNs = t0Ns + 3.85 * SECOND;
  keeper.tick(ended(0, 20));
  assert.equal(control.phaseEndNs(MEASURE), t0Ns + 4 * SECOND);
});

test('a load that ends by count has no T1', () => {
  const { control, keeper } = keeperOf({ measureNs: undefined });
  keeper.start();
  assert.deepEqual([control.endsByTime, control.phaseEndNs(MEASURE)], [false, Infinity]);
});
