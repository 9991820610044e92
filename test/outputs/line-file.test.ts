import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { constants, openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeliveryCount } from '../../src/outputs/delivery-count.ts';
import { LineFile } from '../../src/outputs/lines/line-file.ts';
import { temporaryFolder } from '../support/run-loadgen.ts';

test('rows are appended in order, with a heading where the file was empty', async () => {
  const path = join(temporaryFolder(), 'live.csv');
  for (const round of [1, 2]) {
    const count = new DeliveryCount('csv', 'rows');
    const file = await LineFile.open(path, count);
    for (const row of ['a', 'b']) file.append(`${row}${round}\n`, 'heading\n');
    await file.settle();
    await file.close();
    assert.deepEqual([count.accepted, count.delivered], [2, 2]);
  }
  assert.equal(readFileSync(path, 'utf8'), 'heading\na1\nb1\na2\nb2\n');
});

test('a pipe that nobody reads is refused at once', async () => {
  const path = pipe();
  const opened = LineFile.open(path, new DeliveryCount('csv', 'rows'));
  await assert.rejects(opened, { code: 'ENXIO' });
});

test('a pipe whose reader does not read costs rows and no time', async () => {
  const path = pipe();
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const count = new DeliveryCount('csv', 'rows');
    const file = await LineFile.open(path, count);
    for (let row = 0; row < 200; row++) file.append('x'.repeat(8_192));
    await file.settle();
    await file.close();
    assert.ok(count.delivered <= 8, 'a pipe holds 64 KiB');
    assert.equal(count.accepted, count.delivered + count.dropped);
    assert.match(count.lastError!, /EAGAIN/);
  } finally {
    closeSync(reader);
  }
});

function pipe(): string {
  const path = join(temporaryFolder(), 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}
