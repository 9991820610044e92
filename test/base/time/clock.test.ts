import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { clockOriginNs, sleep, systemClock } from '../../../src/base/time/clock.ts';

test('the clock never goes back and counts nanoseconds', async () => {
  const before = systemClock.nowNs();
  await sleep(systemClock, 20);
  const passedNs = systemClock.nowNs() - before;
  assert.ok(passedNs >= 19e6 && passedNs < 5e9, `${passedNs} ns for a sleep of 20 ms`);
});

test('all threads of a process measure from one origin', async () => {
  const script = `
    import { parentPort } from 'node:worker_threads';
    import { clockOriginNs } from ${JSON.stringify(new URL('../../../src/base/time/clock.ts', import.meta.url).href)};
    parentPort.postMessage(clockOriginNs());
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`));
  const originOfWorkerNs = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const differenceNs = Math.abs(originOfWorkerNs - clockOriginNs());
  assert.ok(differenceNs < 50_000, `the origins differ by ${differenceNs} ns`);
});

test('a cancelled timer does not fire', async () => {
  let fired = false;
  const cancel = systemClock.after(5, () => (fired = true));
  cancel();
  await sleep(systemClock, 20);
  assert.equal(fired, false);
});
