import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedQueue } from '../../src/outputs/bounded-queue.ts';
import { DeliveryCount } from '../../src/outputs/delivery-count.ts';

test('what does not fit is dropped at once, and the rest comes in order', async () => {
  const count = new DeliveryCount('test', 'items');
  const seen: number[] = [];
  let release = (): void => {};
  const gate = new Promise<void>((open) => (release = open));
  const queue = new BoundedQueue<number>(2, count, async (item) => {
    await gate;
    seen.push(item);
  });
  for (const item of [1, 2, 3, 4, 5]) queue.push(item);
  assert.equal(count.dropped, 2);
  release();
  await queue.settle();
  assert.deepEqual(seen, [1, 2, 3]);
  assert.deepEqual([count.accepted, count.delivered, count.dropped], [5, 3, 2]);
});

test('whatever fails and whenever it ends, all that was accepted is accounted for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('ok', 'fail', 'turn', 'giveUp')), async (script) => {
      const count = new DeliveryCount('test', 'items');
      const queue = new BoundedQueue<string>(3, count, async (item) => {
        await new Promise((turn) => setImmediate(turn));
        if (item === 'fail') throw new Error('no');
      });
      for (const step of script) {
        if (step === 'turn') await new Promise((turn) => setImmediate(turn));
        else if (step === 'giveUp') queue.giveUp();
        else queue.push(step);
      }
      queue.close();
      queue.push('late');
      await queue.settle();
      assert.equal(count.accepted, count.delivered + count.dropped);
    }),
    { numRuns: 50 },
  );
});
