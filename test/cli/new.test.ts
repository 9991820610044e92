import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertEnded, startLoadgen, temporaryFolder } from '../support/run-loadgen.ts';
import { loadgen } from '../importers/imported-scenario.ts';

test('the first scenario runs as it is, and every answer is as it expects', async () => {
  const folder = temporaryFolder();
  const { code } = await loadgen(['new', '-o', join(folder, 'first.yaml')]);
  assert.equal(code, 0);
  const valid = await loadgen(['validate', join(folder, 'first.yaml')]);
  assert.deepEqual([valid.code, valid.errors], [0, '']);
  // How fast a busy machine answers is not what is judged here.
  const changes = ['--set', 'load.duration=3s', '--set', 'thresholds=["error_rate == 0%"]'];
  const end = await startLoadgen(['run', 'first.yaml', '--quiet', ...changes], { folder }).ended;
  assertEnded(end, 0);
});

test('without --output the scenario is on standard output and all else beside it', async () => {
  const command = 'curl http://h/x -x proxy:1 -u a:b';
  const { output, errors } = await loadgen(['new', '--from', 'curl', command]);
  assert.match(output, /^# From a curl command/);
  assert.match(errors, /curl’s -x … is not carried over/);
  assert.match(errors, /Set API_BASIC before a run/);
});

test('a file that is there is never overwritten', async () => {
  const file = join(temporaryFolder(), 'mine.yaml');
  writeFileSync(file, 'mine');
  await assert.rejects(loadgen(['new', '-o', file]), /mine\.yaml: it is there already/);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
});

test('what cannot be read is refused in words, and nothing is written', async () => {
  const folder = temporaryFolder();
  const output = join(folder, 'out.yaml');
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'latin1.har'), Buffer.from([0x7b, 0xe9, 0x7d]));
  for (const [source, reason] of [
    ['missing.har', /there is no such file/],
    ['folder', /it is a folder/],
    ['latin1.har', /it is not UTF-8 text/],
  ] as const) {
    const args = ['new', '--from', 'har', join(folder, source), '-o', output];
    await assert.rejects(loadgen(args), reason);
  }
  await assert.rejects(loadgen(['new', '--from', 'har']), /nothing to read was given/);
  await assert.rejects(loadgen(['new', 'x.har']), /--from does not say what it is/);
  await assert.rejects(loadgen(['new', '--from', 'postman', 'x']), /expected curl, har, openapi/);
  assert.equal(existsSync(output), false);
});

test('standard input can be the source', async () => {
  const run = startLoadgen(['new', '--from', 'curl', '-']);
  const { code, errors } = await run.ended;
  assert.equal(code, 104);
  assert.match(errors, /there is no curl command in it/);
});
