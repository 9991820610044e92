import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { allocatedBytes } from '../../../src/measure/monitors/folder-size.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-size-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const HAS_DU = spawnSync('du', ['--version']).status === 0;

test('a folder takes what du says', { skip: !HAS_DU && 'there is no GNU du here' }, async (t) => {
  const folder = folderFor(t);
  for (const name of ['a', 'a/b', 'c']) mkdirSync(join(folder, name));
  for (const [index, bytes] of [0, 1, 4_096, 100_000, 3_000_000].entries()) {
    writeFileSync(join(folder, `a/b/${index}`), Buffer.alloc(bytes, 1));
  }
  // More names than are asked about at once.
  for (let index = 0; index < 50; index++) writeFileSync(join(folder, `c/${index}`), 'x');
  linkSync(join(folder, 'a/b/4'), join(folder, 'c/linked'));
  writeFileSync(join(folder, 'sparse'), '');
  truncateSync(join(folder, 'sparse'), 1e9);
  symlinkSync('/usr', join(folder, 'elsewhere'));
  const { stdout } = spawnSync('du', ['--block-size=1', '--summarize', folder], {
    encoding: 'utf8',
  });
  assert.equal(await allocatedBytes(folder), Number(stdout.split('\t')[0]));
});

test('what has two names counts once, and what was never written not at all', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'one'), Buffer.alloc(1_000_000, 1));
  const alone = await allocatedBytes(folder);
  assert.ok(alone >= 1_000_000, `${alone} bytes`);
  linkSync(join(folder, 'one'), join(folder, 'two'));
  writeFileSync(join(folder, 'sparse'), '');
  truncateSync(join(folder, 'sparse'), 1e12);
  const own = statSync(join(folder, 'sparse')).blocks * 512;
  assert.equal(await allocatedBytes(folder), alone + own);
  assert.ok(own < 1_000_000);
});

test('files that come and go while a folder is added up are no failure', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'stays'), Buffer.alloc(100_000, 1));
  const least = await allocatedBytes(folder);
  const names = Array.from({ length: 300 }, (_, index) => join(folder, `goes-${index}`));
  // Each time they go a turn later: in some it has their names and has not asked about all.
  for (let turns = 0; turns < 20; turns++) {
    for (const name of names) writeFileSync(name, '');
    const size = allocatedBytes(folder);
    for (let turn = 0; turn < turns; turn++) await new Promise((next) => setImmediate(next));
    for (const name of names) unlinkSync(name);
    assert.ok((await size) >= least);
  }
});

test('a folder of too many files, or one that is gone, is said to be so', async (t) => {
  const folder = folderFor(t);
  for (let index = 0; index < 4; index++) writeFileSync(join(folder, String(index)), '');
  assert.ok((await allocatedBytes(folder, 4)) >= 0);
  await assert.rejects(allocatedBytes(folder, 3), /more than 3 files/);
  await assert.rejects(allocatedBytes(join(folder, 'gone')), /ENOENT/);
});
