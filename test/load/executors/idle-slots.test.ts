import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdleSlots } from '../../../src/load/executors/idle-slots.ts';

function takeAll(idle: IdleSlots): number[] {
  const taken: number[] = [];
  for (let slot = idle.take(); slot >= 0; slot = idle.take()) taken.push(slot);
  return taken;
}

test('slots are taken in the order in which they were released', () => {
  const idle = new IdleSlots(4);
  idle.open(4);
  assert.deepEqual(takeAll(idle), [0, 1, 2, 3]);
  for (const slot of [2, 0, 3, 1]) idle.release(slot);
  assert.deepEqual(takeAll(idle), [2, 0, 3, 1]);
  assert.equal(idle.available, false);
});

test('a wider phase takes the slots that were never used before those used of late', () => {
  const idle = new IdleSlots(5);
  idle.open(3);
  takeAll(idle);
  idle.release(2);
  idle.release(0);
  idle.open(5);
  assert.deepEqual(takeAll(idle), [3, 4, 2, 0]);
  idle.release(1);
  assert.deepEqual(takeAll(idle), [1]);
});

test('a narrower phase never takes slots above its limit', () => {
  const idle = new IdleSlots(3);
  idle.open(3);
  takeAll(idle);
  idle.open(1);
  for (const slot of [2, 1, 0]) idle.release(slot);
  assert.deepEqual(takeAll(idle), [0]);
});

test('a slot is claimed only while it is idle', () => {
  const idle = new IdleSlots(2);
  assert.equal(idle.claim(1), true);
  assert.equal(idle.claim(1), false);
  idle.release(1);
  assert.equal(idle.claim(1), true);
});
