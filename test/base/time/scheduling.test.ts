import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, it } from 'node:test';
import { libc } from '../../../src/base/time/libc.ts';

const MODULES = new URL('../../../src/base/time/', import.meta.url);
// <sched.h>
const OTHER = 0;
const BATCH = 3;
const skip = libc() === undefined ? 'no C library of Linux here' : false;

/** What a process of its own prints, since threads of this one would keep what is asked for. */
function printedBy(script: string, nice = 0): unknown {
  const { stdout, stderr } = spawnSync(
    'nice',
    ['-n', String(nice), process.execPath, '--input-type=module-typescript', '-e', script],
    { encoding: 'utf8' },
  );
  assert.equal(stderr, '', 'no warning of experimental features');
  return JSON.parse(stdout);
}

describe('the scheduler', { skip }, () => {
  it('grants this thread short slices, and tells so', () => {
    const script = `
      import { readFileSync } from 'node:fs';
      import { askForShortSlices } from '${new URL('short-slices.ts', MODULES).href}';
      const granted = askForShortSlices();
      const told = /^se\\.slice\\s*:\\s*(\\d+)$/m.exec(readFileSync('/proc/thread-self/sched', 'utf8'));
      console.log(JSON.stringify({ granted, sliceNs: told && Number(told[1]) }));`;
    const { granted, sliceNs } = printedBy(script) as { granted: boolean; sliceNs: number | null };
    assert.equal(granted, true);
    // Linux before 6.12 takes no notice, and not every one is built to tell.
    const [major, minor] = readFileSync('/proc/sys/kernel/osrelease', 'utf8')
      .split('.')
      .map(Number);
    if (sliceNs !== null && major! * 100 + minor! >= 612) assert.equal(sliceNs, 100_000);
  });

  it('leaves a policy that somebody chose as it is', (t) => {
    const batch = spawnSync('chrt', ['-b', '0', 'true']);
    if (batch.status !== 0) return t.skip('chrt is not there, or may not choose a policy');
    const script = `
      import { askForShortSlices } from '${new URL('short-slices.ts', MODULES).href}';
      console.log(JSON.stringify(askForShortSlices()));`;
    const { stdout } = spawnSync(
      'chrt',
      ['-b', '0', process.execPath, '--input-type=module-typescript', '-e', script],
      { encoding: 'utf8' },
    );
    assert.equal(JSON.parse(stdout), false);
  });

  it('puts the first thread and V8’s helpers back, and then where they were', () => {
    // Fields 19 and 41 of /proc/PID/stat: nice value and policy.
    const script = `
      import { readdirSync, readFileSync } from 'node:fs';
      import { stepBack } from '${new URL('step-back.ts', MODULES).href}';
      const look = () =>
        readdirSync('/proc/self/task').map((thread) => {
          const stat = readFileSync('/proc/self/task/' + thread + '/stat', 'utf8');
          const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
          const isHelper = stat.includes('(node-V8Worker)');
          const who = Number(thread) === process.pid ? 'first' : isHelper ? 'helper' : 'other';
          return { who, nice: Number(fields[16]), policy: Number(fields[38]) };
        });
      const found = [look()];
      const stepForward = stepBack();
      found.push(look());
      stepForward();
      found.push(look());
      console.log(JSON.stringify(found));`;
    type Look = readonly { readonly who: string; readonly nice: number; readonly policy: number }[];
    const [before, during, after] = printedBy(script, 3) as [Look, Look, Look];
    const nice = getPriority() + 3;
    assert.ok(before.every((thread) => thread.nice === nice && thread.policy === OTHER));
    assert.deepEqual(after, before);
    assert.ok(during.some(({ who }) => who === 'helper'));
    for (const thread of during) {
      assert.equal(thread.policy, thread.who === 'other' ? OTHER : BATCH);
      // Nicer only where that may be undone; helpers, for whom V8 waits, never.
      const wanted = thread.who === 'first' ? [nice, Math.min(nice + 10, 19)] : [nice];
      assert.ok(wanted.includes(thread.nice), JSON.stringify(thread));
    }
  });

  it('is given no more than a tenth of the time of one that gives way', (t) => {
    if (spawnSync('taskset', ['-c', '0', 'true']).status !== 0) {
      return t.skip('taskset is not there, or may not choose a core');
    }
    // Beside a program that always wants the core of both: each has half of it, less that tenth.
    const script = `
      import { spawn } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      import { giveWay } from '${new URL('give-way.ts', MODULES).href}';
      const other = spawn(process.execPath, ['-e', 'for (;;);']);
      // Of CLOCK_TICKS, which Linux has a hundred of a second.
      const ticksOf = (pid) => {
        const fields = readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1].split(' ');
        return Number(fields[11]) + Number(fields[12]);
      };
      while (ticksOf(other.pid) < 20);
      const [own, others] = [ticksOf(process.pid), ticksOf(other.pid)];
      const endMs = performance.now() + 2000;
      while (performance.now() < endMs) giveWay();
      console.log(JSON.stringify((ticksOf(process.pid) - own) / (ticksOf(other.pid) - others)));
      other.kill('SIGKILL');`;
    const { stdout } = spawnSync(
      'taskset',
      ['-c', '0', process.execPath, '--input-type=module-typescript', '-e', script],
      { encoding: 'utf8' },
    );
    const ratio = JSON.parse(stdout) as number;
    assert.ok(ratio > 0.4, `${ratio} of what the other had`);
  });
});
