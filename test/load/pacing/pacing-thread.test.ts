import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { PacingThread } from '../../../src/load/pacing/pacing-thread.ts';
import { alarmOf, lagsOf } from './lag-worker.ts';

const MS = 1e6;
const MODULES = new URL('../../../src/load/pacing/', import.meta.url);

/** Never early, and mostly not late by what only clocks of different origins would explain. */
function assertSound(lagsNs: readonly number[]): void {
  assert.ok(
    lagsNs.every((lagNs) => lagNs >= 0),
    'a wake-up came early',
  );
  const median = lagsNs.toSorted((one, other) => one - other)[lagsNs.length >> 1]!;
  assert.ok(median < 20 * MS, `median lag ${median} ns`);
}

test('the thread wakes pacers of several places and threads, each at its time', async () => {
  const thread = new PacingThread(3);
  try {
    const { memory } = thread;
    const elsewhere = new Worker(new URL('./lag-worker.ts', import.meta.url), {
      workerData: { memory, place: 2 },
    });
    const there = once(elsewhere, 'message') as Promise<[number[]]>;
    const here = await Promise.all([0, 1].map((place) => lagsOf(alarmOf({ memory, place }))));
    for (const lagsNs of [...here, ...(await there)]) assertSound(lagsNs);
  } finally {
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
    import { AlarmPacer } from '${new URL('alarm-pacer.ts', MODULES).href}';
    import { BoardAlarm } from '${new URL('board-alarm.ts', MODULES).href}';
    const thread = new PacingThread(1);
    const pacer = new AlarmPacer(systemClock, new BoardAlarm({ memory: thread.memory, place: 0 }));
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
      import('${new URL('alarm-pacer.ts', MODULES).href}').then(async ({ AlarmPacer }) => {
        const { BoardAlarm } = await import('${new URL('board-alarm.ts', MODULES).href}');
        const { systemClock } = await import('${new URL('../../base/time/clock.ts', MODULES).href}');
        const pacer = new AlarmPacer(systemClock, new BoardAlarm({ memory: workerData, place: 0 }));
        pacer.waitUntil(systemClock.nowNs() + 3600e9, () => {});
      });\`;
    const worker = new Worker(source, { eval: true, workerData: thread.memory, execArgv: [] });
    worker.on('exit', async (code) => {
      await thread.close();
      process.exitCode = 40 + code;
    });`;
  assert.equal(await exitCodeOf(ending), 40);
});
