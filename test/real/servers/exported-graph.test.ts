import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const MODELS = join(import.meta.dirname, '../../../servers/models');
const asked = spawnSync(
  'bash',
  [
    '-c',
    `bash "$0/install.sh" --check && source "$0/environment.sh" && echo "$models_venv"`,
    MODELS,
  ],
  { encoding: 'utf8' },
);
const skip =
  asked.status === 0 ? false : 'the models are not installed: bash servers/models/install.sh';

test('a graph that was exported elsewhere is prepared for all embedding servers', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'exported-graph-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const python = join(asked.stdout.trim(), 'bin/python');
  const script = join(import.meta.dirname, 'exported-graph.py');
  const { status, stdout, stderr } = spawnSync(python, [script, MODELS, folder], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), 'held');
});
