import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runLoad } from '../../../src/load/executors/run-load.ts';
import { VuCurve } from '../../../src/load/pacing/vu-curve.ts';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { begin, load, MS, ScriptedPort, SECOND, SharedRun } from './scripted-port.ts';

/** Up, down, and up again: every VU but the first comes back. */
const STAGES = [
  { to: 20, duration: '1s' },
  { to: 20, duration: '200ms' },
  { to: 2, duration: '700ms' },
  { to: 13, duration: '300ms' },
];
const CURVE = new VuCurve(3, [
  { toVus: 20, durationNs: SECOND },
  { toVus: 20, durationNs: 200 * MS },
  { toVus: 2, durationNs: 700 * MS },
  { toVus: 13, durationNs: 300 * MS },
]);

test('a VU begins with each of its stretches, and starts nothing after one', async () => {
  for (const count of [1, 2, 7]) {
    const source = load({ executor: 'ramping-vus', startVUs: 3, stages: STAGES });
    const clock = new FakeClock({ nowNs: 0.9 * SECOND });
    const run = new SharedRun();
    Object.assign(run, { startNs: SECOND, measureNs: SECOND, endNs: 3.2 * SECOND });
    const ports = Array.from({ length: count }, (_, index) => {
      const serviceNs = (_: unknown, vu: number): number => (3 + ((vu * count + index) % 5)) * MS;
      return new ScriptedPort({ load: source, clock, run, share: { index, count }, serviceNs });
    });
    const ended = Promise.all(ports.map((port) => runLoad(source, port)));
    await clock.advanceTo(5 * SECOND);
    await ended;
    let wanted = 0;
    for (let vu = 0; vu < 20; vu++) {
      const port = ports[vu % count]!;
      const own = port.seen.filter((one) => one.vu === Math.floor(vu / count));
      const serviceNs = (3 + (vu % 5)) * MS;
      // One after another from the start of each stretch.
      const intended = [...CURVE.stretches(vu)].flatMap(({ fromNs, untilNs }) => {
        const length = Math.ceil((untilNs - fromNs) / serviceNs);
        return Array.from({ length }, (_, nth) => SECOND + fromNs + nth * serviceNs);
      });
      assert.deepEqual(
        own.map(({ intendedNs }) => intendedNs),
        intended,
        `VU ${vu} of ${count} workers`,
      );
      wanted += intended.length;
    }
    const numbers = ports.flatMap((port) => port.seen.map(({ iteration }) => iteration));
    assert.deepEqual(
      numbers.toSorted((one, other) => one - other),
      Array.from({ length: wanted }, (_, number) => number),
      'numbers without a hole',
    );
    for (const port of ports) {
      assert.equal(port.recorder.broken, undefined);
      const { lags } = port.recorder.phases[MEASURE];
      assert.ok(
        lags.every((lagNs) => lagNs === 0),
        'a VU that rests is not late',
      );
    }
  }
});

const FALL = {
  executor: 'ramping-vus',
  startVUs: 2,
  stages: [
    { to: 2, duration: '100ms' },
    { to: 1, duration: '0s' },
    { to: 1, duration: '400ms' },
    { to: 2, duration: '0s' },
    { to: 2, duration: '500ms' },
  ],
};

test('an iteration of a VU that went may go on for gracefulRampDown, and is interrupted then', async () => {
  const source = load({ ...FALL, gracefulRampDown: '150ms' });
  const { port, ended } = begin(
    { load: source, serviceNs: (_, vu) => (vu === 0 ? 10 : 990) * MS },
    { endNs: 2 * SECOND },
  );
  await port.clock.advanceTo(4 * SECOND);
  await ended;
  const second = port.seen.filter(({ vu }) => vu === 1);
  assert.deepEqual(
    second.map(({ intendedNs }) => intendedNs - SECOND),
    [0, 500 * MS],
    'it comes back with its next stretch',
  );
  const endedMs = (second[0]!.endedNs - SECOND) / MS;
  assert.ok(endedMs >= 250 && endedMs <= 260, `interrupted after ${endedMs} ms`);
});

test('an iteration that ends within gracefulRampDown is not interrupted', async () => {
  const source = load({ ...FALL, gracefulRampDown: '150ms' });
  const { port, ended } = begin(
    { load: source, serviceNs: (_, vu) => (vu === 0 ? 10 : 240) * MS },
    { endNs: 2 * SECOND },
  );
  await port.clock.advanceTo(4 * SECOND);
  await ended;
  const second = port.seen.filter(({ vu }) => vu === 1);
  assert.equal(second[0]!.endedNs - SECOND, 240 * MS);
});

test('a VU that the ramp brings back before that goes on with its iteration', async () => {
  const source = load({ ...FALL, gracefulRampDown: '500ms' });
  const { port, ended } = begin(
    { load: source, serviceNs: (_, vu) => (vu === 0 ? 10 : 700) * MS },
    { endNs: 2 * SECOND },
  );
  await port.clock.advanceTo(4 * SECOND);
  await ended;
  const second = port.seen.filter(({ vu }) => vu === 1);
  assert.deepEqual(
    second.map(({ intendedNs, endedNs }) => [(intendedNs - SECOND) / MS, (endedNs - SECOND) / MS]),
    [
      [0, 700],
      [700, 1400],
    ],
  );
});

test('a VU that thinks when it is taken away begins with its next stretch', async () => {
  const source = load(FALL);
  const { port, ended } = begin(
    { load: source, serviceNs: () => 10 * MS, thinkNs: (_, vu) => (vu === 0 ? 0 : 80 * MS) },
    { endNs: 2 * SECOND },
  );
  await port.clock.advanceTo(4 * SECOND);
  await ended;
  const second = port.seen.filter(({ vu }) => vu === 1);
  const intendedMs = second.map(({ intendedNs }) => (intendedNs - SECOND) / MS);
  assert.deepEqual(intendedMs, [0, 90, 500, 590, 680, 770, 860, 950]);
});

test('VUs of a warm-up come up a ramp and go on in the measured phase', async () => {
  const source = load({
    executor: 'constant-vus',
    vus: 4,
    duration: '100ms',
    warmup: { executor: 'ramping-vus', stages: [{ to: 4, duration: '400ms' }] },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: () => 10 * MS },
    { measureNs: SECOND + 400 * MS, endNs: SECOND + 500 * MS },
  );
  await port.clock.advanceTo(3 * SECOND);
  await ended;
  const firsts = [0, 1, 2, 3].map((vu) => port.seen.find((one) => one.vu === vu)!.intendedNs);
  assert.deepEqual(
    firsts.map((ns) => (ns - SECOND) / MS),
    [50, 150, 250, 350],
  );
  assert.equal(port.recorder.phases[WARMUP].started, 35 + 25 + 15 + 5);
  assert.equal(port.recorder.phases[MEASURE].started, 40);
});

test('VUs that rest in a counted warm-up begin at T0, and its ramp interrupts nobody after it', async () => {
  const source = load({
    executor: 'constant-vus',
    vus: 3,
    duration: '300ms',
    warmup: {
      executor: 'ramping-vus',
      startVUs: 3,
      gracefulRampDown: '0s',
      stages: [
        { to: 3, duration: '20ms' },
        { to: 0, duration: '0s' },
        { to: 0, duration: '1s' },
        { to: 3, duration: '0s' },
        { to: 3, duration: '1s' },
      ],
    },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: ({ phase }) => (phase === WARMUP ? 5 : 90) * MS },
    { measureNs: SECOND + 100 * MS, endNs: SECOND + 400 * MS },
  );
  await port.clock.advanceTo(4 * SECOND);
  await ended;
  const measured = port.seen.filter(({ phase }) => phase === MEASURE);
  const times = measured.map(({ intendedNs, endedNs }) => [
    (intendedNs - SECOND) / MS,
    (endedNs - SECOND) / MS,
  ]);
  assert.deepEqual(
    times.slice(0, 3),
    Array.from({ length: 3 }, () => [100, 190]),
  );
  assert.equal(measured.length, 12);
});

test('a worker that was held up still begins the stretch of a VU that it missed', async () => {
  const source = load({
    executor: 'ramping-vus',
    startVUs: 2,
    gracefulRampDown: '450ms',
    stages: [
      { to: 2, duration: '100ms' },
      { to: 1, duration: '0s' },
      { to: 1, duration: '400ms' },
      { to: 2, duration: '0s' },
      { to: 2, duration: '100ms' },
      { to: 1, duration: '0s' },
      { to: 1, duration: '400ms' },
    ],
  });
  const { port, ended } = begin(
    { load: source, serviceNs: () => 10 * MS, pacerLateNs: 5 * MS },
    { endNs: 2 * SECOND },
  );
  await port.clock.advanceTo(SECOND + 495 * MS);
  port.clock.block(200 * MS);
  await port.clock.advanceTo(4 * SECOND);
  await ended;
  const second = port.seen.filter(({ vu }) => vu === 1);
  const begun = second.find(({ intendedNs }) => intendedNs > SECOND + 200 * MS);
  assert.equal(begun?.intendedNs, SECOND + 500 * MS);
});
