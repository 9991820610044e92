import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PacedNaps } from '../../../src/run/worker/naps.ts';
import { FakePacer, MS } from '../../load/executors/scripted-port.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function begin(slotCount: number) {
  const clock = new FakeClock();
  const naps = new PacedNaps(clock, new FakePacer(clock), slotCount);
  const woken: [vu: number, atMs: number][] = [];
  const nap = (vu: number, untilMs: number): void => {
    naps.until(vu, untilMs * MS, () => woken.push([vu, clock.nowNs() / MS]));
  };
  return { clock, naps, woken, nap };
}

test('everybody wakes at the time that was asked for, in whatever order it was', async () => {
  const { clock, woken, nap } = begin(5);
  for (const [vu, untilMs] of [
    [0, 50],
    [1, 10],
    [2, 90],
    [3, 11],
    [4, -1],
  ] as const) {
    nap(vu, untilMs);
  }
  await clock.advanceTo(20 * MS);
  nap(1, 30);
  await clock.advanceTo(200 * MS);
  assert.deepEqual(woken, [
    [4, 0],
    [1, 10],
    [3, 11],
    [1, 30],
    [0, 50],
    [2, 90],
  ]);
});

test('one can be woken without the others, and naps again', async () => {
  const { clock, naps, woken, nap } = begin(3);
  for (const vu of [0, 1, 2]) nap(vu, 100 + vu);
  await clock.advanceTo(20 * MS);
  naps.wake(1);
  naps.wake(1);
  await clock.advanceTo(30 * MS);
  nap(1, 60);
  await clock.advanceTo(200 * MS);
  assert.deepEqual(woken, [
    [1, 20],
    [1, 60],
    [0, 100],
    [2, 102],
  ]);
});

test('all can be woken at once, and nothing is left to wait for', async () => {
  const { clock, naps, woken, nap } = begin(3);
  for (const vu of [0, 1, 2]) nap(vu, 100 + vu);
  naps.wakeAll();
  await clock.advanceTo(1 * MS);
  assert.equal(woken.length, 3);
  assert.equal(clock.pendingTimers, 0);
  nap(2, 50);
  await clock.advanceTo(60 * MS);
  assert.deepEqual(woken.at(-1), [2, 50]);
});
