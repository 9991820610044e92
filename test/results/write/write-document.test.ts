import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import { AppendFile } from '../../../src/results/write/append-file.ts';
import { writeDocument, writeJson } from '../../../src/results/write/write-document.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadgen-write-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

test('a document is there whole and leaves no temporary file', () => {
  writeJson(join(folder, 'a.json'), { is: ['there'] });
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'a.json'), 'utf8')), { is: ['there'] });
  assert.deepEqual(readdirSync(folder), ['a.json']);
});

test('a document whose writing fails half way leaves the one before and no temporary file', () => {
  const path = join(folder, 'a.csv');
  writeDocument(path, 'old\n');
  const failing = function* (): Generator<string> {
    yield 'new\n';
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  };
  assert.throws(() => writeDocument(path, failing()), isNotWritable(path, 'the disk is full'));
  assert.equal(readFileSync(path, 'utf8'), 'old\n');
  assert.deepEqual(readdirSync(folder), ['a.csv']);
});

test('what cannot be written names the path, the reason and the remedy', () => {
  const path = join(folder, 'missing', 'a.json');
  assert.throws(() => writeJson(path, {}), isNotWritable(path, 'the folder does not exist any more'));
  mkdirSync(join(folder, 'taken'));
  assert.throws(() => writeJson(join(folder, 'taken'), {}), isNotWritable('taken', ''));
});

test('an append is in the file when the call returns', () => {
  const file = new AppendFile(join(folder, 'a.ndjson'));
  file.append('one\n');
  assert.equal(readFileSync(file.path, 'utf8'), 'one\n');
  file.append('zwölf\n');
  assert.equal(readFileSync(file.path, 'utf8'), 'one\nzwölf\n');
  file.close();
  file.close();
});

test('a file of another run is never appended to', () => {
  const path = join(folder, 'a.ndjson');
  new AppendFile(path).close();
  assert.throws(() => new AppendFile(path), isNotWritable(path, 'exist'));
});

function isNotWritable(path: string, reason: string) {
  return (thrown: unknown): boolean => {
    assert.ok(thrown instanceof LoadgenError);
    assert.equal(thrown.code, 'RESULTS_NOT_WRITABLE');
    assert.equal(thrown.exitCode, 93);
    assert.ok(thrown.message.includes(path) && thrown.message.includes(reason), thrown.message);
    assert.match(thrown.hint, /--results/);
    return true;
  };
}
