import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEASURE } from '../../../src/measure/metrics/outcome.ts';
import { begin, load, MS, SECOND } from './scripted-port.ts';

test('every VU begins with its phase and goes on when its iteration ended', async () => {
  const source = load({ executor: 'constant-vus', vus: 3, duration: '100ms' });
  const { port, ended } = begin({ load: source, serviceNs: (_, vu) => (10 + vu) * MS });
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  for (let vu = 0; vu < 3; vu++) {
    const own = port.seen.filter((iteration) => iteration.vu === vu);
    assert.equal(own.length, Math.ceil(100 / (10 + vu)));
    for (const [index, { intendedNs, pickedNs, acquiredNs, phase }] of own.entries()) {
      assert.equal(intendedNs, index === 0 ? SECOND : own[index - 1]!.endedNs);
      assert.equal(pickedNs, intendedNs);
      assert.equal(acquiredNs, pickedNs);
      assert.equal(phase, MEASURE);
    }
  }
  const { due, started } = port.recorder.phases[MEASURE];
  assert.equal(due, started);
});

test('shared iterations are each run once', async () => {
  const source = load({ executor: 'shared-iterations', vus: 4, iterations: 25 });
  const options = { load: source, serviceNs: (_: unknown, vu: number) => (1 + vu) * MS };
  const { port, ended } = begin(options, { iterations: 25 });
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.deepEqual(
    port.seen.map(({ iteration }) => iteration),
    Array.from({ length: 25 }, (_, index) => index),
  );
});

test('no iteration starts after maxDuration', async () => {
  const source = load({
    executor: 'shared-iterations',
    vus: 1,
    iterations: 1000,
    maxDuration: '100ms',
  });
  const { port, ended } = begin({ load: source, serviceNs: () => 30 * MS }, { iterations: 1000 });
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.equal(port.seen.length, 4);
});

test('a load that ends when minima hold goes on until its T1 is told', async () => {
  const source = load({ executor: 'constant-vus', vus: 2, minDuration: '100ms', minSamples: 5 });
  const { port, ended } = begin({ load: source, serviceNs: () => 30 * MS });
  await port.clock.advanceTo(SECOND + 500 * MS);
  port.run.endNs = SECOND + 700 * MS;
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.equal(port.seen.length, 2 * Math.ceil(700 / 30));
});

test('think time delays the next iteration, and the last VU does not wait for none', async () => {
  const source = load({ executor: 'shared-iterations', vus: 1, iterations: 3 });
  const { port, ended, isOver } = begin(
    { load: source, serviceNs: () => 10 * MS, thinkNs: () => 500 * MS },
    { iterations: 3 },
  );
  await port.clock.advanceTo(SECOND + 1031 * MS);
  await ended;
  assert.ok(isOver());
  const intendedMs = port.seen.map(({ intendedNs }) => (intendedNs - SECOND) / MS);
  assert.deepEqual(intendedMs, [0, 510, 1020]);
  assert.deepEqual(port.recorder.phases[MEASURE].lags, [0, 0, 0]);
});

test('many thinking VUs wake in the order of their intended times', async () => {
  const source = load({ executor: 'constant-vus', vus: 200, duration: '3s' });
  const { port, ended } = begin({
    load: source,
    serviceNs: () => 1 * MS,
    thinkNs: ({ iteration }) => ((iteration * 7919) % 997) * MS,
  });
  await port.clock.advanceTo(6 * SECOND);
  await ended;
  const intended = port.seen.map(({ intendedNs }) => intendedNs);
  assert.deepEqual(
    intended,
    intended.toSorted((one, other) => one - other),
  );
  assert.ok(port.recorder.phases[MEASURE].lags.every((lagNs) => lagNs === 0));
  assert.ok(port.seen.length > 1000);
});

test('after a stop nothing starts, and sleeping VUs are not waited for', async () => {
  const source = load({ executor: 'constant-vus', vus: 2, duration: '1m' });
  const { port, ended } = begin({
    load: source,
    serviceNs: (_, vu) => (vu === 0 ? 10 * MS : 150 * MS),
    thinkNs: () => 30 * SECOND,
  });
  await port.clock.advanceTo(SECOND + 100 * MS);
  port.run.stopNs = SECOND + 100 * MS;
  await port.clock.advanceTo(SECOND + 151 * MS);
  await ended;
  assert.equal(port.seen.length, 2);
  assert.equal(port.clock.pendingTimers, 0);
});

test('iterations that end at once leave a turn to the event loop', async () => {
  const source = load({ executor: 'shared-iterations', vus: 2, iterations: 5000 });
  const { port, ended } = begin({ load: source }, { iterations: 5000 });
  const startedAtTurns: number[] = [];
  const nextTurn = port.clock.nextTurn.bind(port.clock);
  port.clock.nextTurn = (callback) => {
    nextTurn(() => {
      startedAtTurns.push(port.seen.length);
      callback();
    });
  };
  await port.clock.advanceTo(2 * SECOND);
  await ended;
  assert.equal(port.seen.length, 5000);
  const gaps = startedAtTurns.map((count, index) => count - (startedAtTurns[index - 1] ?? 0));
  assert.ok(Math.max(...gaps) <= 300, `a turn saw ${Math.max(...gaps)} iterations`);
});
