import assert from 'node:assert/strict';
import { basename, join, normalize, sep } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  fileName,
  runFolderName,
  scenarioFolderName,
  trialFolderName,
} from '../../../src/results/write/folder-names.ts';

test('whatever a text holds, its name is one visible entry of the folder it is put into', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const name = fileName(text);
      assert.equal(normalize(join('results', name)), `results${sep}${name}`);
      assert.equal(basename(name), name);
      assert.ok(!name.startsWith('.') && !name.includes('\0') && name.length > 0);
      assert.ok(Buffer.byteLength(name) <= 255);
    }),
  );
});

test('path tricks become harmless names', () => {
  assert.equal(fileName('../../etc/passwd'), 'etc-passwd');
  assert.equal(fileName('..'), 'unnamed');
  assert.equal(fileName('.hidden'), 'hidden');
  assert.equal(fileName('C:\\temp'), 'C-temp');
  assert.equal(fileName('BAAI/bge-small-en'), 'BAAI-bge-small-en');
});

test('letters of any language stay as they are', () => {
  assert.equal(fileName('Größe_東京-1.5'), 'Größe_東京-1.5');
});

test('two long names that begin alike stay apart', () => {
  const long = 'x'.repeat(300);
  assert.notEqual(fileName(`${long}1`), fileName(`${long}2`));
});

test('a scenario called comparison does not end up among the comparison files', () => {
  assert.equal(scenarioFolderName('comparison'), 'comparison-runs');
  assert.equal(scenarioFolderName('Comparison'), 'Comparison-runs');
  assert.equal(scenarioFolderName('high_concurrency'), 'high_concurrency');
});

test('run folders sort by time and carry the random end of their id', () => {
  const id = '01a202d4-7a36-7b11-b48a-66b5fc270f6a';
  assert.equal(runFolderName(Date.UTC(2026, 10, 22, 10, 34, 26), id), '2026-11-22T10-34-26Z-fc270f6a');
});

test('trial folders name the point of the sweep, briefly where that is clear', () => {
  assert.equal(trialFolderName(1, {}), 'trial-001');
  assert.equal(
    trialFolderName(3, { 'params.tokens': 32, level: 'high' }),
    'trial-003-tokens-32-level-high',
  );
  assert.equal(
    trialFolderName(12, { 'params.rate': '1/s', 'load.rate': '2/s' }),
    'trial-012-params.rate-1-s-load.rate-2-s',
  );
});
