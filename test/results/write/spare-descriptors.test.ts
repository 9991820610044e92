import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const WRITER = new URL('../../../src/results/write/write-document.ts', import.meta.url);

/** Takes every descriptor between two documents, as connections do. */
const SCRIPT = `
import { openSync } from 'node:fs';
import { writeDocument } from ${JSON.stringify(WRITER.href)};
const path = process.argv[1];
writeDocument(path, 'first');
let taken = 0;
let code = '';
while (code === '') {
  try { openSync('/dev/null', 'r'); taken++; } catch (thrown) { code = thrown.code; }
}
writeDocument(path, 'second');
console.log(code, taken);
`;

test('a document can be written when every other descriptor of the process is taken', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'loadgen-test-')), 'document');
  const command = 'ulimit -n 80; exec "$0" --input-type=module --eval "$1" "$2"';
  const args = ['-c', command, process.execPath, SCRIPT, path];
  const { stdout } = await promisify(execFile)('bash', args);
  const [code, taken] = stdout.trim().split(' ');
  assert.equal(code, 'EMFILE');
  assert.ok(Number(taken) > 0 && Number(taken) < 80);
  assert.equal(readFileSync(path, 'utf8'), 'second');
});
