import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { begin, load, MS, SECOND, type ScriptedPort } from './scripted-port.ts';

const RATE_100 = { executor: 'constant-arrival-rate', rate: '100/s', duration: '2s' };

test('arrivals start at their planned times while slots are free', async () => {
  const { port, ended } = begin({ load: load(RATE_100), serviceNs: () => 25 * MS });
  await port.clock.advanceTo(3 * SECOND + 30 * MS);
  await ended;
  assert.equal(port.seen.length, 200);
  for (const [index, iteration] of port.seen.entries()) {
    const intendedNs = SECOND + index * 10 * MS;
    assert.equal(iteration.iteration, index);
    assert.equal(iteration.intendedNs, intendedNs);
    assert.equal(iteration.pickedNs, intendedNs);
    assert.equal(iteration.acquiredNs, intendedNs);
    assert.equal(iteration.phase, MEASURE);
  }
  const { due, started, waiting, unsent } = port.recorder.phases[MEASURE];
  assert.deepEqual([due, started, waiting], [200, 200, 0]);
  assert.deepEqual(unsent, { late: 0, no_slot: 0, stopped: 0, worker_lost: 0 });
});

test('with all slots busy an arrival waits and keeps its intended time', async () => {
  const slow = { ...RATE_100, duration: '100ms', maxInFlight: 2 };
  const { port, ended, isOver } = begin({ load: load(slow), serviceNs: () => 30 * MS });
  await port.clock.advanceTo(SECOND + 25 * MS);
  assert.deepEqual(waitingAndStarted(port), [1, 2]);
  await port.clock.advanceTo(SECOND + 95 * MS);
  // Ten came due; two slots of 30 ms each gave starts at 0 10 30 40 60 70 90 ms.
  assert.deepEqual(waitingAndStarted(port), [3, 7]);
  assert.equal(isOver(), false);
  await port.clock.advanceTo(SECOND + 300 * MS);
  await ended;
  const startsMs = port.seen.map(({ acquiredNs }) => (acquiredNs - SECOND) / MS);
  assert.deepEqual(startsMs, [0, 10, 30, 40, 60, 70, 90, 100, 120, 130]);
  for (const [index, { intendedNs, pickedNs }] of port.seen.entries()) {
    assert.equal(intendedNs, SECOND + index * 10 * MS);
    assert.equal(pickedNs, intendedNs);
  }
  assert.equal(port.recorder.phases[MEASURE].waiting, 0);
});

function waitingAndStarted(port: ScriptedPort): [number, number] {
  const { waiting, started } = port.recorder.phases[MEASURE];
  return [waiting, started];
}

test('with drop an arrival that finds no slot is unsent, and the next free slot serves the next', async () => {
  const dropping = { ...RATE_100, duration: '100ms', maxInFlight: 2, whenLate: 'drop' };
  const { port, ended } = begin({ load: load(dropping), serviceNs: () => 35 * MS });
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.deepEqual(
    port.seen.map(({ iteration }) => iteration),
    [0, 1, 4, 5, 8, 9],
  );
  const { due, unsent, waiting } = port.recorder.phases[MEASURE];
  assert.deepEqual([due, unsent['no_slot'], waiting], [10, 4, 0]);
});

test('a late pacer drops nothing while slots are free, and its lag is recorded', async () => {
  const dropping = { ...RATE_100, duration: '100ms', maxInFlight: 2, whenLate: 'drop' };
  const options = { load: load(dropping), pacerLateNs: 7 * MS };
  const { port, ended } = begin(options, { startNs: SECOND + 3 * MS });
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.equal(port.seen.length, 10);
  assert.equal(port.recorder.phases[MEASURE].unsent['no_slot'], 0);
  for (const { intendedNs, pickedNs, acquiredNs } of port.seen) {
    assert.equal(pickedNs - intendedNs, 7 * MS);
    assert.equal(acquiredNs, pickedNs);
  }
  assert.deepEqual(new Set(port.recorder.phases[MEASURE].lags), new Set([7 * MS]));
});

test('an arrival that waited longer than maxLateness is unsent as late', async () => {
  const strict = { ...RATE_100, duration: '100ms', maxInFlight: 1, maxLateness: '25ms' };
  const { port, ended } = begin({ load: load(strict), serviceNs: () => 40 * MS });
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  // The slot frees at 40 (10 is too old, 20 is not), 80 (30..50 are too old) and 120 ms.
  assert.deepEqual(
    port.seen.map(({ iteration }) => iteration),
    [0, 2, 6],
  );
  const { due, unsent, started } = port.recorder.phases[MEASURE];
  assert.deepEqual([due, started, unsent['late']], [10, 3, 7]);
});

test('idle slots are used oldest first', async () => {
  const { port, ended } = begin({
    load: load({ ...RATE_100, duration: '80ms', maxInFlight: 3 }),
    serviceNs: () => 1 * MS,
  });
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.deepEqual(
    port.seen.map(({ vu }) => vu),
    [0, 1, 2, 0, 1, 2, 0, 1],
  );
});

test('a stop leaves what waits and what comes later unsent or not due', async () => {
  const slow = { ...RATE_100, maxInFlight: 1 };
  const { port, ended, isOver } = begin({ load: load(slow), serviceNs: () => 100 * MS });
  await port.clock.advanceTo(SECOND + 55 * MS);
  port.run.stopNs = SECOND + 75 * MS;
  await port.clock.advanceTo(SECOND + 80 * MS);
  // 0 to 70 ms came due: one runs, seven never will.
  const { due, started, unsent, waiting } = port.recorder.phases[MEASURE];
  assert.deepEqual([due, started, unsent['stopped'], waiting], [8, 1, 7, 0]);
  assert.equal(isOver(), false, 'the one that runs is waited for');
  await port.clock.advanceTo(SECOND + 101 * MS);
  await ended;
  assert.equal(port.seen.length, 1);
});

test('an arrival intended exactly at the stop is not due', async () => {
  const { port, ended } = begin({ load: load(RATE_100) });
  port.run.stopNs = SECOND + 50 * MS;
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.equal(port.recorder.phases[MEASURE].due, 5);
});

test('an interrupt turns the backlog into unsent', async () => {
  const slow = { ...RATE_100, duration: '100ms', maxInFlight: 1 };
  const { port, ended } = begin({ load: load(slow), serviceNs: () => 10 * SECOND });
  await port.clock.advanceTo(SECOND + 500 * MS);
  assert.equal(port.recorder.phases[MEASURE].waiting, 9);
  port.interrupt();
  await port.clock.advanceTo(SECOND + 520 * MS);
  await ended;
  const { due, started, unsent, waiting } = port.recorder.phases[MEASURE];
  assert.deepEqual([due, started, unsent['stopped'], waiting], [10, 1, 9, 0]);
});

test('a backlog of the warm-up goes first after T0, as warm-up', async () => {
  const overloaded = load({
    ...RATE_100,
    duration: '100ms',
    maxInFlight: 1,
    warmup: { duration: '50ms' },
  });
  const { port, ended } = begin(
    { load: overloaded, serviceNs: () => 20 * MS },
    { measureNs: SECOND + 50 * MS },
  );
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  const order = port.seen.map(({ phase, iteration }) => `${phase}:${iteration}`);
  const expected = [0, 1, 2, 3, 4].map((index) => `${WARMUP}:${index}`);
  for (let index = 0; index < 10; index++) expected.push(`${MEASURE}:${index}`);
  assert.deepEqual(order, expected);
  assert.equal(port.seen[5]!.intendedNs, SECOND + 50 * MS);
  assert.equal(port.recorder.broken, undefined);
});

test('slots that come with T0 serve the backlog of the warm-up first', async () => {
  const overloaded = load({
    ...RATE_100,
    duration: '20ms',
    maxInFlight: 2,
    warmup: { duration: '50ms', maxInFlight: 1 },
  });
  const { port, ended } = begin(
    { load: overloaded, serviceNs: () => 45 * MS },
    { measureNs: SECOND + 50 * MS },
  );
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  const order = port.seen.map(({ phase, iteration }) => `${phase}:${iteration}`);
  assert.deepEqual(order, ['0:0', '0:1', '0:2', '0:3', '0:4', '1:0', '1:1']);
  assert.equal(port.seen[2]!.acquiredNs, SECOND + 50 * MS);
});

test('an arrival that the pacer brings later than maxLateness is unsent as late', async () => {
  const strict = load({ ...RATE_100, duration: '100ms', maxLateness: '5ms' });
  const { port, ended } = begin(
    { load: strict, pacerLateNs: 7 * MS },
    { startNs: SECOND + 3 * MS },
  );
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.equal(port.recorder.phases[MEASURE].unsent['late'], 10);
});

test('a warm-up counted in iterations goes on until T0 is known and comes', async () => {
  const counted = load({ ...RATE_100, duration: '100ms', warmup: { iterations: 5 } });
  const { port, ended } = begin({ load: counted }, { measureNs: Infinity });
  await port.clock.advanceTo(SECOND + 200 * MS);
  assert.equal(port.recorder.phases[WARMUP].due, 21);
  port.run.measureNs = SECOND + 405 * MS;
  await port.clock.advanceTo(SECOND + 404 * MS);
  assert.equal(port.recorder.phases[MEASURE].due, 0);
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.deepEqual([port.recorder.phases[WARMUP].due, port.recorder.phases[MEASURE].due], [41, 10]);
  const measured = port.seen.filter(({ phase }) => phase === MEASURE);
  assert.equal(measured[0]!.intendedNs, SECOND + 405 * MS);
  assert.equal(measured[0]!.iteration, 0);
});

test('a load ends at T1 even when its plan is longer', async () => {
  const { port, ended } = begin({ load: load(RATE_100) }, { endNs: SECOND + 500 * MS });
  await port.clock.advanceTo(3 * SECOND);
  await ended;
  assert.equal(port.recorder.phases[MEASURE].due, 50);
});

test('workers without a place in flight leave the arrivals to those that have one', async () => {
  const source = load({ ...RATE_100, duration: '100ms', maxInFlight: 2 });
  const seen: number[] = [];
  for (let index = 0; index < 3; index++) {
    const { port, ended } = begin({ load: source, share: { index, count: 3 } });
    await port.clock.advanceTo(2 * SECOND);
    await ended;
    seen.push(...port.seen.map(({ iteration }) => iteration));
  }
  assert.deepEqual(
    seen.toSorted((one, other) => one - other),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test('after a stall everything due starts in order, with a turn after every 256', async () => {
  const fast = load({ ...RATE_100, rate: '1000/s', duration: '2s', maxInFlight: 2000 });
  const { port, ended } = begin({ load: fast, serviceNs: () => 5 * SECOND });
  await port.clock.advanceTo(SECOND + 100.5 * MS);
  assert.equal(port.seen.length, 101);
  const startedAtTurns: number[] = [];
  const nextTurn = port.clock.nextTurn.bind(port.clock);
  port.clock.nextTurn = (callback) => {
    startedAtTurns.push(port.seen.length);
    nextTurn(callback);
  };
  port.clock.block(SECOND);
  await port.clock.advanceBy(1);
  assert.equal(port.seen.length, 1101);
  assert.deepEqual(startedAtTurns, [357, 613, 869]);
  for (const [index, { iteration }] of port.seen.entries()) assert.equal(iteration, index);
  // The last of them came due 0.5 ms before the loop ran again.
  assert.equal(Math.round(port.recorder.phases[MEASURE].lags.at(-1)!), 0.5 * MS);
  await port.clock.advanceTo(10 * SECOND);
  await ended;
  assert.equal(port.seen.length, 2000);
});

test('a rejected iteration ends the load with that error', async () => {
  const { port, ended } = begin({ load: load(RATE_100) });
  port.iterate = () => {
    throw new Error('broken step');
  };
  const rejected = assert.rejects(ended, /broken step/);
  await port.clock.advanceTo(2 * SECOND);
  await rejected;
  assert.equal(port.clock.pendingTimers, 0);
});
