import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LoadgenError } from '../../src/base/errors/loadgen-error.ts';
import { reportCommand, type ReportOptions } from '../../src/cli/commands/report.ts';

const RUN = join(import.meta.dirname, '../golden/result@1');
const TRIAL = join(RUN, 'trial-001-rate-100-s');

test('any result folder is reported again, from its files alone', async () => {
  const whole = await reported(RUN, { format: 'text' });
  assert.match(whole, /embed_open · 2 trials/);
  assert.match(whole, /^ {2}2 {2}load\.rate=200\/s/m);
  const one = await reported(TRIAL, { format: 'text' });
  assert.match(one, /trial 1 of 2/);
  assert.doesNotMatch(one, /trial 2 of 2/);
  assert.equal(await reported(join(TRIAL, 'result.json'), { format: 'text' }), one);
});

test('a report goes to standard output, or to the file that is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-report-'));
  try {
    const output = join(folder, 'report.xml');
    const printed = await reported(TRIAL, { format: 'junit' });
    assert.match(printed, /^<\?xml/);
    assert.equal(await reported(TRIAL, { format: 'junit', output }), '');
    assert.equal(readFileSync(output, 'utf8'), printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a format that there is not names those that there are', async () => {
  await assert.rejects(reported(TRIAL, { format: 'pdf' }), isError('OPTION_INVALID', /text, json/));
});

test('a folder without a result is named', async () => {
  const folder = join(RUN, 'nowhere');
  await assert.rejects(
    reported(folder, { format: 'text' }),
    isError('RESULT_NOT_READABLE', /nowhere/),
  );
});

async function reported(folder: string, options: ReportOptions): Promise<string> {
  let text = '';
  const code = await reportCommand(folder, options, {
    environment: { NO_COLOR: '1' },
    write: (more) => (text += more),
    writeError: (more) => assert.fail(more),
  });
  assert.equal(code, 0);
  return text;
}

function isError(code: string, message: RegExp) {
  return (thrown: unknown): boolean => {
    assert.ok(thrown instanceof LoadgenError);
    assert.equal(thrown.code, code);
    assert.match(thrown.message, message);
    return true;
  };
}
