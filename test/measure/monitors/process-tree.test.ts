import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { parseProcessStat, readProcessTree } from '../../../src/measure/monitors/process-tree.ts';

test('the line of a process is read whatever its name', () => {
  const fields = Array.from({ length: 50 }, (_, index) => String(index + 3));
  // man 5 proc: utime 14, stime 15, cutime 16, cstime 17 in ticks of 10 ms, rss 24 in pages.
  const { cpuNs, residentBytes } = parseProcessStat(`7 (a) b (c) ${fields.join(' ')}`);
  assert.equal(cpuNs, (14 + 15 + 16 + 17) * 10e6);
  assert.equal(residentBytes, 24 * 4096);
});

test('a process counts with those that it started', async (t) => {
  const script = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    child.once('spawn', () => console.log('up'));
  `;
  const parent = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => process.kill(-parent.pid!, 'SIGKILL'));
  await once(parent.stdout, 'data');
  const use = readProcessTree(parent.pid!)!;
  assert.equal(use.processes, 2);
  assert.ok(use.residentBytes > 2 * 20e6, `${use.residentBytes}`);
});

test('a process that is gone has no use', () => {
  assert.equal(readProcessTree(2 ** 22 + 1), undefined);
});
