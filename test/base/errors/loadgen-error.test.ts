import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_TABLE, type ErrorCode } from '../../../src/base/errors/error-table.ts';
import { EXIT_CODES, worstExitCode } from '../../../src/base/errors/exit-codes.ts';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';

test('an error fills its message and hint and knows its exit code', () => {
  const error = new LoadgenError('DATA_EMPTY', { feeder: 'queries', source: 'queries.txt' });
  assert.equal(error.message, 'The feeder "queries" has no rows (queries.txt).');
  assert.match(error.hint, /at least one row/);
  assert.equal(error.exitCode, 104);
});

test('an error survives the way to another thread as plain data', () => {
  const error = new LoadgenError('WORKER_LOST', { worker: 3, reason: 'it ran out of memory' });
  const crossed = LoadgenError.fromRecord(structuredClone(error.toRecord()));
  assert.equal(crossed.code, error.code);
  assert.equal(crossed.message, error.message);
  assert.equal(crossed.stack, error.stack);
});

test('whatever else is thrown is a bug and keeps its stack', () => {
  const cause = new TypeError('x is undefined');
  const error = LoadgenError.from(cause);
  assert.equal(error.code, 'BUG');
  assert.equal(error.exitCode, 109);
  assert.equal(error.stack, cause.stack);
  assert.equal(LoadgenError.from(error), error);
});

test('a value is put in as it is, also when it looks like a place of the message', () => {
  const error = new LoadgenError('BUG', { reason: '{reason} $& $1' });
  assert.equal(error.message, 'loadgen failed: {reason} $& $1.');
});

test('every row has a message that ends a sentence or opens a list, and a hint', () => {
  for (const code of Object.keys(ERROR_TABLE) as ErrorCode[]) {
    assert.match(ERROR_TABLE[code].message, /(\.|\{problems\})$/, code);
    assert.match(ERROR_TABLE[code].hint, /\.$/, code);
  }
});

test('of several exit codes the worst is reported: bug before interrupt before thresholds', () => {
  const { bug, interrupted, runInvalid, thresholdsFailed, ok } = EXIT_CODES;
  assert.equal(worstExitCode([ok, thresholdsFailed, runInvalid]), runInvalid);
  assert.equal(worstExitCode([interrupted, thresholdsFailed]), interrupted);
  assert.equal(worstExitCode([interrupted, bug, ok]), bug);
  assert.equal(worstExitCode([]), ok);
});
