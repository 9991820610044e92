import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '../../../src/base/time/clock.ts';
import { PacingThread } from '../../../src/load/pacing/pacing-thread.ts';
import { PrecisePacer } from '../../../src/load/pacing/precise-pacer.ts';

const MS = 1e6;
const MODULES = new URL('../../../src/load/pacing/', import.meta.url);

/** Holds the event loop open, which a pacer does not. */
function keepAlive(): () => void {
  const timer = setInterval(() => {}, 1000);
  return () => clearInterval(timer);
}

test('the thread wakes pacers of several places, each at its time and never before', async () => {
  const thread = new PacingThread(2);
  const release = keepAlive();
  try {
    const pacers = [0, 1].map(
      (place) => new PrecisePacer(systemClock, { memory: thread.memory, place }),
    );
    for (let round = 0; round < 20; round++) {
      const waits = pacers.map((pacer, index) => {
        const dueNs = systemClock.nowNs() + (1 + index * 1.7 + round * 0.3) * MS;
        return new Promise<number>((resolve) => {
          pacer.waitUntil(dueNs, () => resolve(systemClock.nowNs() - dueNs));
        });
      });
      for (const lagNs of await Promise.all(waits)) assert.ok(lagNs >= 0, `${lagNs} ns early`);
    }
  } finally {
    release();
    await thread.close();
  }
});

test('a closed thread is gone', async () => {
  const thread = new PacingThread(1);
  await thread.close();
  await thread.close();
});

/** Runs a script that has a pacing thread with an open wait, and returns its exit code. */
async function exitCodeOf(ending: string): Promise<number> {
  const script = `
    import { systemClock } from '${new URL('../../base/time/clock.ts', MODULES).href}';
    import { PacingThread } from '${new URL('pacing-thread.ts', MODULES).href}';
    import { PrecisePacer } from '${new URL('precise-pacer.ts', MODULES).href}';
    const thread = new PacingThread(1);
    const pacer = new PrecisePacer(systemClock, { memory: thread.memory, place: 0 });
    pacer.waitUntil(systemClock.nowNs() + 3600e9, () => {});
    ${ending}`;
  const run = promisify(execFile);
  try {
    await run(process.execPath, ['--input-type=module-typescript', '-e', script], {
      timeout: 20_000,
    });
    return 0;
  } catch (thrown) {
    const { code, killed } = thrown as { code: number; killed: boolean };
    assert.equal(killed, false, 'the process had to be killed');
    return code;
  }
}

test('a process ends with an open wait, however it ends', async () => {
  // Falls off its end; exits while the thread sleeps; throws.
  const [fallen, exited, thrown] = await Promise.all([
    exitCodeOf(''),
    exitCodeOf('setTimeout(() => process.exit(3), 300);'),
    exitCodeOf('setTimeout(() => { throw new Error("broken"); }, 300);'),
  ]);
  assert.deepEqual([fallen, exited, thrown], [0, 3, 1]);
});

test('a traffic thread ends while its pacer waits', async () => {
  const ending = `
    const { Worker } = await import('node:worker_threads');
    const source = \`
      const { workerData } = require('node:worker_threads');
      import('${new URL('precise-pacer.ts', MODULES).href}').then(async ({ PrecisePacer }) => {
        const { systemClock } = await import('${new URL('../../base/time/clock.ts', MODULES).href}');
        const pacer = new PrecisePacer(systemClock, { memory: workerData, place: 0 });
        pacer.waitUntil(systemClock.nowNs() + 3600e9, () => {});
      });\`;
    const worker = new Worker(source, { eval: true, workerData: thread.memory, execArgv: [] });
    worker.on('exit', async (code) => {
      await thread.close();
      process.exitCode = 40 + code;
    });`;
  assert.equal(await exitCodeOf(ending), 40);
});
