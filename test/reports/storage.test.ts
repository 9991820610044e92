import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadReport } from '../../src/reports/registry.ts';
import { storageLines } from '../../src/reports/storage.ts';
import type { Result } from '../../src/results/schema/result.ts';
import type { ResultStorage } from '../../src/results/schema/storage.ts';
import { closedResult } from './sample-results.ts';

const MIB = 2 ** 20;

const FILLED: ResultStorage = {
  target: 'db',
  collections: [{ collection: 'docs', prepared: 250_000, end: 260_000 }],
  rows: { prepared: 250_000, end: 260_000 },
  memory: { before: 60 * MIB, prepared: 310 * MIB, peak: 400 * MIB, end: 330 * MIB },
  disk: { before: MIB, prepared: 126 * MIB, peak: 140 * MIB, end: 140 * MIB },
  perMillion: { memory: 1_000 * MIB, disk: 500 * MIB },
};

function holding(storage: ResultStorage): Result {
  return { ...closedResult(), storage: [storage] };
}

function lineOf(storage: ResultStorage, label: string): string | undefined {
  const [{ lines } = { lines: [] }] = storageLines(holding(storage));
  return lines.find(([name]) => name === label)?.[1];
}

test('a summary says what rows took, and from how many of them it is extrapolated', () => {
  assert.equal(
    lineOf(FILLED, 'per million'),
    '1,000 MiB of memory, 500 MiB of disk: what it grew by while they were made, extrapolated from 250,000 rows',
  );
  assert.equal(lineOf(FILLED, 'rows'), '250,000 when the load began, 260,000 at its end (docs)');
  assert.match(lineOf(FILLED, 'memory')!, /^60\.0 MiB before .* 310 MiB when .* highest 400 MiB$/);
  const few = { ...FILLED, rows: { prepared: 2_000, end: 2_000 } };
  assert.match(lineOf(few, 'per million')!, /from 2,000 rows; with so few, fixed costs/);
  const many = { ...FILLED, rows: { prepared: 2e6, end: 2e6 } };
  assert.match(lineOf(many, 'per million')!, /, by 2,000,000 rows$/);
});

test('a summary says why there is nothing per million rows', () => {
  const unknown = { ...FILLED, rows: { prepared: null, end: null }, perMillion: null };
  assert.match(lineOf(unknown, 'per million')!, /n\/a: .* how many rows/);
  assert.match(lineOf(unknown, 'rows')!, /^n\/a when the load began, n\/a at its end/);
  assert.match(lineOf({ ...FILLED, perMillion: null }, 'per million')!, /n\/a: .* used before/);
});

test('a server without a folder for its data has no line for the disk, nor one that shrank a size', () => {
  const inMemory = { ...FILLED, disk: null, perMillion: { memory: -5 * MIB, disk: null } };
  assert.equal(lineOf(inMemory, 'disk'), undefined);
  assert.match(lineOf(inMemory, 'per million')!, /^no more memory: /);
});

for (const format of ['text', 'markdown'] as const) {
  test(`the ${format} report has a part for it`, async () => {
    const report = await loadReport(format);
    const trials = [{ result: holding(FILLED), folder: 'results/x' }];
    assert.match(report({ trials }).text, /Storage of `?db`?\n/);
  });
}
