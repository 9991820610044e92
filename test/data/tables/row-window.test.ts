import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openFeeder } from '../../../src/data/feeder.ts';
import { feederSchema } from '../../../src/data/feeder-schema.ts';
import type { NumberTable } from '../../../src/data/tables/number-table.ts';
import { KEPT_BYTES } from '../../../src/data/limits.ts';
import { RowWindow } from '../../../src/data/tables/row-window.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadgen-window-'));
});
after(() => rmSync(folder, { recursive: true }));

/** A table whose numbers follow from their place, and how much was read of it. */
function countingTable(rowCount: number, dimension: number) {
  const asked: number[] = [];
  const table: NumberTable = {
    file: 'counted',
    form: 'counted',
    rowCount,
    dimension,
    read(first, into) {
      asked.push(into.length / dimension);
      for (let at = 0; at < into.length; at++) into[at] = first * dimension + at;
    },
    close() {},
  };
  return { table, asked };
}

const FLOATS = { numbers: Float32Array };

test('a slice that fits is read once and kept; of a larger one a megabyte at a time', () => {
  const small = countingTable(1000, 16);
  const kept = new RowWindow(small.table, { skip: 10, rows: 500 }, { ...FLOATS, inOrder: false });
  assert.equal(kept.rowCount, 500);
  for (const row of [499, 0, 250]) assert.equal(kept.row(row)[3], (row + 10) * 16 + 3);
  assert.deepEqual(small.asked, [500]);

  const rowCount = (2 * KEPT_BYTES) / (16 * 4);
  const large = countingTable(rowCount, 16);
  const window = new RowWindow(
    large.table,
    { skip: 0, rows: Infinity },
    { ...FLOATS, inOrder: true },
  );
  for (let row = 0; row < 40_000; row++) window.row(row);
  assert.deepEqual(large.asked, [16_384, 16_384, 16_384]);
  // The last window is what is left.
  window.row(rowCount - 1);
  assert.equal(large.asked.at(-1), 16_384);

  const scattered = countingTable(rowCount, 16);
  const single = new RowWindow(
    scattered.table,
    { skip: 0, rows: Infinity },
    { ...FLOATS, inOrder: false },
  );
  for (const row of [7, 900_000, 3]) assert.equal(single.row(row)[0], Math.fround(row * 16));
  assert.deepEqual(scattered.asked, [1, 1, 1]);
});

/** A file of `rows` rows of 256 floats whose first number is their own; zeros take no space. */
function sparseFile(rows: number): string {
  const path = join(folder, 'large.fbin');
  const file = openSync(path, 'w');
  writeSync(file, Uint32Array.of(rows, 256), 0, 8, 0);
  for (let row = 0; row < rows; row += 1000) {
    writeSync(file, Float32Array.of(row), 0, 4, 8 + row * 1024);
  }
  writeSync(file, new Uint8Array(4), 0, 4, 8 + rows * 1024 - 4);
  closeSync(file);
  return path;
}

/** The most memory of buffers while `look` is called so many times. */
function mostBuffers(iterations: number, look: (at: number) => void): number {
  let most = 0;
  for (let at = 0; at < iterations; at++) {
    look(at);
    if (at % 5000 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  return most;
}

test('a set ten times larger than what may be kept streams through a part of that memory', async () => {
  const rows = (10 * KEPT_BYTES) / 1024;
  const spec = feederSchema.parse({ file: sparseFile(rows), pick: 'once' });
  const before = process.memoryUsage().arrayBuffers;
  const feeder = await openFeeder('large', spec, { seed: 1, baseFolder: '/' });
  assert.equal(feeder.iterations, rows);
  const most = mostBuffers(rows, (at) => {
    const { id, vector } = feeder.row(at) as { id: number; vector: Float32Array };
    if (at % 1000 === 0) assert.deepEqual([id, vector[0]], [at, at]);
  });
  // Windows that were let go wait for the garbage collector: twice what may be kept is room enough.
  assert.ok(most - before < 2 * KEPT_BYTES, `${(most - before) / 2 ** 20} MiB`);
});
