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
  test(`the ${format} report of several trials says it once where it is the same`, async () => {
    const report = await loadReport(format);
    const other = { ...FILLED, perMillion: { memory: 2_000 * MIB, disk: 700 * MIB } };
    const text = (...storages: ResultStorage[]): string => {
      const trials = storages.map((storage, at) => {
        return { result: { ...holding(storage), trial: at + 1 }, folder: 'results/x' };
      });
      const { text: whole } = report({ trials });
      return whole.slice(whole.indexOf('Storage of a million rows')).replaceAll(/\s+/g, ' ');
    };
    const same = text(FILLED, FILLED);
    assert.match(same, /^Storage of a million rows .*db`?.*1,000 MiB of memory, 500 MiB of disk/);
    assert.doesNotMatch(same, /\(trial|1,000 MiB.*1,000 MiB/);
    const different = Array.from({ length: 15 }, (_, at) => {
      return { ...FILLED, perMillion: { memory: at * MIB, disk: null } };
    });
    assert.match(text(...different), /11\.0 MiB.*… and 3 more/);
    assert.match(
      text(FILLED, other, FILLED),
      /1,000 MiB of memory.* \(trials 1, 3\).*1\.95 GiB of memory.* \(trial 2\)/,
    );
  });

  test(`the ${format} report has a part for it`, async () => {
    const report = await loadReport(format);
    const trials = [{ result: holding(FILLED), folder: 'results/x' }];
    assert.match(report({ trials }).text, /Storage of `?db`?\n/);
  });
}
