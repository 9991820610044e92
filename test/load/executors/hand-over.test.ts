import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { begin, load, MS, SECOND } from './scripted-port.ts';

test('a VU goes from warm-up to measured without a pause', async () => {
  const source = load({
    executor: 'constant-vus',
    vus: 2,
    duration: '100ms',
    warmup: { duration: '50ms' },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: () => 20 * MS },
    { measureNs: SECOND + 50 * MS, endNs: SECOND + 150 * MS },
  );
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  const own = port.seen.filter(({ vu }) => vu === 1);
  assert.deepEqual(
    own.map(({ phase, intendedNs }) => [phase, (intendedNs - SECOND) / MS]),
    [
      [WARMUP, 0],
      [WARMUP, 20],
      [WARMUP, 40],
      [MEASURE, 60],
      [MEASURE, 80],
      [MEASURE, 100],
      [MEASURE, 120],
      [MEASURE, 140],
    ],
  );
  const measured = port.seen.filter(({ phase }) => phase === MEASURE);
  assert.deepEqual(
    measured.map(({ iteration }) => iteration),
    measured.map((_, index) => index),
  );
});

test('a warm-up without an end in time goes on until T0 is published', async () => {
  const source = load({
    executor: 'shared-iterations',
    vus: 1,
    iterations: 3,
    warmup: { iterations: 2 },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: () => 10 * MS },
    { measureNs: Infinity, iterations: 3 },
  );
  await port.clock.advanceTo(SECOND + 95 * MS);
  port.run.measureNs = SECOND + 295 * MS;
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  const phases = port.seen.map(({ phase }) => phase);
  assert.equal(phases.filter((phase) => phase === WARMUP).length, 30);
  assert.deepEqual(phases.slice(30), [MEASURE, MEASURE, MEASURE]);
  assert.equal(port.seen[30]!.intendedNs, SECOND + 300 * MS);
});

test('VUs that the warm-up lacks begin at T0, and those it has too many end', async () => {
  for (const [warmVus, vus] of [
    [1, 3],
    [3, 1],
  ] as const) {
    const source = load({
      executor: 'constant-vus',
      vus,
      duration: '100ms',
      warmup: { duration: '50ms', vus: warmVus },
    });
    const { port, ended } = begin(
      { load: source, serviceNs: () => 20 * MS },
      { measureNs: SECOND + 50 * MS, endNs: SECOND + 150 * MS },
    );
    await port.clock.advanceTo(2 * SECOND);
    await ended;
    const firstOf = (phase: number): (number | undefined)[] =>
      [0, 1, 2].map((vu) => {
        const first = port.seen.find(
          (iteration) => iteration.vu === vu && iteration.phase === phase,
        );
        return first && (first.intendedNs - SECOND) / MS;
      });
    assert.deepEqual(firstOf(WARMUP), warmVus === 1 ? [0, undefined, undefined] : [0, 0, 0]);
    assert.deepEqual(firstOf(MEASURE), vus === 1 ? [60, undefined, undefined] : [60, 50, 50]);
  }
});

test('a sleeping VU whose warm-up ends meanwhile draws from the measured iterations', async () => {
  const source = load({
    executor: 'shared-iterations',
    vus: 1,
    iterations: 2,
    warmup: { iterations: 1 },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: () => 10 * MS, thinkNs: () => 400 * MS },
    { measureNs: Infinity, iterations: 2 },
  );
  await port.clock.advanceTo(SECOND + 20 * MS);
  port.run.measureNs = SECOND + 220 * MS;
  await port.clock.advanceTo(4 * SECOND);
  await ended;
  assert.deepEqual(
    port.seen.map(({ phase, iteration, intendedNs }) => [
      phase,
      iteration,
      (intendedNs - SECOND) / MS,
    ]),
    [
      [WARMUP, 0, 0],
      [MEASURE, 0, 410],
      [MEASURE, 1, 820],
    ],
  );
});

test('a stop before T0 ends the load without a measured phase', async () => {
  const source = load({
    executor: 'constant-vus',
    vus: 2,
    duration: '1m',
    warmup: { iterations: 1000 },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: () => 10 * MS },
    { measureNs: Infinity },
  );
  await port.clock.advanceTo(SECOND + 45 * MS);
  port.run.stopNs = SECOND + 45 * MS;
  await port.clock.advanceTo(SECOND + 60 * MS);
  await ended;
  assert.equal(port.recorder.phases[WARMUP].started, 10);
  assert.equal(port.recorder.phases[MEASURE].started, 0);
});

test('a worker without VUs resolves at once, one with VUs only in the warm-up after T0', async () => {
  const source = load({
    executor: 'constant-vus',
    vus: 1,
    duration: '1m',
    warmup: { duration: '50ms', vus: 3 },
  });
  const nothing = begin({ load: source, share: { index: 3, count: 4 } });
  await nothing.ended;
  const warm = begin(
    { load: source, share: { index: 2, count: 4 }, serviceNs: () => 20 * MS },
    { measureNs: SECOND + 50 * MS },
  );
  await warm.port.clock.advanceTo(SECOND + 59 * MS);
  assert.equal(warm.isOver(), false);
  await warm.port.clock.advanceTo(SECOND + 61 * MS);
  await warm.ended;
  assert.equal(warm.port.seen.length, 3);
});

test('an open warm-up hands its slots to the VUs as they end', async () => {
  const source = load({
    executor: 'constant-vus',
    vus: 3,
    duration: '100ms',
    warmup: {
      executor: 'constant-arrival-rate',
      rate: '100/s',
      duration: '50ms',
      maxInFlight: 2,
    },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: ({ phase }) => (phase === WARMUP ? 35 : 50) * MS },
    { measureNs: SECOND + 50 * MS, endNs: SECOND + 150 * MS },
  );
  await port.clock.advanceTo(SECOND + 52 * MS);
  // Warm-up arrivals at 0 10 20 30 40: two started at 0 and 10, two at 35 and 45, one waits.
  assert.equal(port.recorder.phases[WARMUP].started, 4);
  assert.equal(port.recorder.phases[WARMUP].unsent['stopped'], 1);
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  const first = [0, 1, 2].map((vu) =>
    port.seen.find((iteration) => iteration.vu === vu && iteration.phase === MEASURE),
  );
  assert.deepEqual(
    first.map((iteration) => (iteration!.intendedNs - SECOND) / MS),
    [70, 80, 50],
  );
  assert.equal(port.recorder.broken, undefined);
});

test('a closed warm-up hands its slots to arrivals as they end', async () => {
  const source = load({
    executor: 'constant-arrival-rate',
    rate: '100/s',
    duration: '100ms',
    maxInFlight: 2,
    warmup: { executor: 'constant-vus', vus: 2, duration: '50ms' },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: ({ phase }, vu) => (phase === WARMUP ? 35 + vu : 5) * MS },
    { measureNs: SECOND + 50 * MS, endNs: SECOND + 150 * MS },
  );
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  const measured = port.seen.filter(({ phase }) => phase === MEASURE);
  assert.deepEqual(
    measured.map(({ intendedNs }) => (intendedNs - SECOND) / MS),
    [50, 60, 70, 80, 90, 100, 110, 120, 130, 140],
  );
  // The VUs hold their slots until 70 and 72 ms.
  assert.deepEqual(
    measured.slice(0, 4).map(({ acquiredNs }) => (acquiredNs - SECOND) / MS),
    [70, 72, 75, 80],
  );
});

test('a VU that thinks beyond T0 leaves its slot to the arrivals', async () => {
  const source = load({
    executor: 'constant-arrival-rate',
    rate: '100/s',
    duration: '30ms',
    maxInFlight: 1,
    warmup: { executor: 'constant-vus', vus: 1, duration: '50ms' },
  });
  const { port, ended } = begin(
    {
      load: source,
      serviceNs: () => 5 * MS,
      thinkNs: ({ phase }) => (phase === WARMUP ? 10 * SECOND : 0),
    },
    { measureNs: SECOND + 50 * MS, endNs: SECOND + 80 * MS },
  );
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.equal(port.recorder.phases[MEASURE].started, 3);
});

test('a VU that sleeps when T0 becomes known leaves its slot to the arrivals', async () => {
  const source = load({
    executor: 'constant-arrival-rate',
    rate: '100/s',
    duration: '30ms',
    maxInFlight: 1,
    warmup: { executor: 'constant-vus', vus: 1, iterations: 1 },
  });
  const { port, ended } = begin(
    {
      load: source,
      serviceNs: () => 5 * MS,
      thinkNs: ({ phase }) => (phase === WARMUP ? 10 * SECOND : 0),
    },
    { measureNs: Infinity },
  );
  await port.clock.advanceTo(SECOND + 20 * MS);
  port.run.measureNs = SECOND + 50 * MS;
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.equal(port.recorder.phases[MEASURE].started, 3);
});

test('an answer stamped before T0 and handled after it lets the VU begin at T0', async () => {
  const source = load({
    executor: 'constant-vus',
    vus: 1,
    duration: '30ms',
    warmup: { executor: 'constant-arrival-rate', rate: '100/s', duration: '10ms' },
  });
  const { port, ended } = begin(
    {
      load: source,
      serviceNs: () => 12 * MS,
      thinkNs: ({ phase }) => (phase === WARMUP ? -3 * MS : 0),
    },
    { measureNs: SECOND + 10 * MS, endNs: SECOND + 40 * MS },
  );
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  const [, first] = port.seen;
  assert.equal(first!.phase, MEASURE);
  assert.equal(first!.intendedNs, SECOND + 10 * MS);
  assert.equal(first!.pickedNs, SECOND + 12 * MS);
});

test('arrivals of the warm-up found late at T0 are all accounted for before VUs begin', async () => {
  const source = load({
    executor: 'constant-vus',
    vus: 1,
    duration: '100ms',
    warmup: { executor: 'constant-arrival-rate', rate: '1000/s', duration: '1s', maxInFlight: 2 },
  });
  const { port, ended } = begin(
    { load: source, serviceNs: () => 20 * MS },
    { measureNs: 2 * SECOND, endNs: 2 * SECOND + 100 * MS },
  );
  await port.clock.advanceTo(SECOND + 1 * MS);
  port.clock.block(SECOND);
  await port.clock.advanceTo(3 * SECOND);
  await ended;
  const { due, unsent } = port.recorder.phases[WARMUP];
  assert.equal(due, 1000);
  assert.ok(unsent['stopped']! > 900);
  assert.equal(port.recorder.broken, undefined);
});
