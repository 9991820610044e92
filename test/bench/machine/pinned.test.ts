import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { parseCoreTimes } from '../../../bench/machine/cores.ts';
import { machineKind } from '../../../bench/machine/machine.ts';
import { parseTimeReport, runPinned } from '../../../bench/machine/pinned.ts';
import { findProgram } from '../../../bench/peers/find-program.ts';

const hasTools =
  findProgram('time') !== undefined && spawnSync('taskset', ['-c', '0', 'true']).status === 0;
const skip = hasTools ? false : 'needs GNU time and taskset';

test(
  'a program is charged the CPU time and the memory that it says it took',
  { skip },
  async () => {
    const script = `
    const kept = Buffer.alloc(200 * 1024 ** 2, 1);
    while (process.cpuUsage().user + process.cpuUsage().system < 400_000) kept[0]++;
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    console.log(JSON.stringify({ cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, maxRSS }));`;
    const finished = await runPinned([process.execPath, '-e', script]);
    const own = JSON.parse(finished.output) as { cpuSeconds: number; maxRSS: number };
    assert.equal(finished.code, 0);
    // What it takes to end is on top of what it could say.
    assert.ok(
      finished.cpuSeconds > own.cpuSeconds - 0.02,
      `${finished.cpuSeconds} ${own.cpuSeconds}`,
    );
    assert.ok(
      finished.cpuSeconds < own.cpuSeconds + 0.2,
      `${finished.cpuSeconds} ${own.cpuSeconds}`,
    );
    assert.ok(finished.peakBytes >= 200 * 1024 ** 2);
    assert.ok(Math.abs(finished.peakBytes / 1024 / own.maxRSS - 1) < 0.05);
  },
);

test('a small program is not charged the memory of the one that started it', { skip }, async () => {
  const kept = Buffer.alloc(100 * 1024 ** 2, 1);
  const { peakBytes } = await runPinned(['true']);
  assert.ok(peakBytes < kept.length / 4, String(peakBytes));
});

test('the code of a failed program comes through, and its cost too', { skip }, async () => {
  const finished = await runPinned(['sh', '-c', 'echo said; echo erred >&2; exit 3']);
  assert.deepEqual([finished.code, finished.output, finished.errors], [3, 'said\n', 'erred\n']);
  assert.ok(finished.cpuSeconds < 0.5);
});

test('the report of GNU time is its last line', () => {
  const text = 'Command exited with non-zero status 3\n1.25 0.50 2048 4.00\n';
  assert.deepEqual(parseTimeReport(text), {
    cpuSeconds: 1.75,
    peakBytes: 2048 * 1024,
    wallSeconds: 4,
  });
  assert.throws(() => parseTimeReport('time: cannot run x\n'), /not a report/);
});

test('core times are user, nice and system of that core; steal is apart', () => {
  const text = `cpu  10 20 30 40 50 60 70 80 0 0
cpu0 100 200 300 4000 50 60 70 80 0 0
cpu1 1 2 3 4 5 6 7 8 0 0
intr 1`;
  assert.deepEqual(parseCoreTimes(text, 0), { busySeconds: 6, stolenSeconds: 0.8 });
  assert.deepEqual(parseCoreTimes(text, 1), { busySeconds: 0.06, stolenSeconds: 0.08 });
  assert.throws(() => parseCoreTimes(text, 2), /no cpu2/);
});

test('the kind of a machine can name a folder', () => {
  assert.equal(
    machineKind('Intel(R) Xeon(R) CPU @ 2.20GHz', 8),
    'intel-r-xeon-r-cpu-2-20ghz-8-cores',
  );
  assert.equal(machineKind('', 4), 'unknown-4-cores');
});
