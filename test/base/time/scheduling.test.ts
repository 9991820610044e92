import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, it } from 'node:test';
import { libc } from '../../../src/base/time/libc.ts';

const MODULES = new URL('../../../src/base/time/', import.meta.url);
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

  it('puts the first thread back and then where it was, or leaves it where that is not allowed', () => {
    const script = `
      import { getPriority } from 'node:os';
      import { stepBack } from '${new URL('step-back.ts', MODULES).href}';
      const found = [getPriority()];
      const stepForward = stepBack();
      found.push(getPriority());
      stepForward();
      found.push(getPriority());
      console.log(JSON.stringify(found));`;
    const [before, during, after] = printedBy(script, 3) as number[];
    assert.deepEqual([before! - getPriority(), after], [3, before]);
    assert.ok(during === 19 || during === before);
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
