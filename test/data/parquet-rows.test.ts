import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFeeder } from '../../src/data/feeder.ts';
import { feederSchema } from '../../src/data/feeder-schema.ts';

// Written by pyarrow 26 in row groups of 40: 100 rows whose values follow from their number.
const FOLDER = join(import.meta.dirname, '../fixtures/data');

function expectedRow(n: number) {
  return {
    id: n,
    text: `row ${n} é`,
    score: n / 8,
    vector: [n, n + 0.5, -n],
    at: new Date(Date.UTC(2024, 0, 1, 0, 0, n)).toISOString(),
    maybe: n % 3 === 0 ? n : null,
    nested: { a: n, b: String(n) },
  };
}

function open(keys: object) {
  return openFeeder('rows', feederSchema.parse(keys), { seed: 1, baseFolder: FOLDER });
}

for (const compression of ['none', 'snappy', 'gzip', 'zstd', 'brotli']) {
  test(`the columns of a parquet file compressed with ${compression} are those that were written`, async () => {
    const feeder = await open({ file: `rows-${compression}.parquet` });
    assert.equal(feeder.rowCount, 100);
    assert.deepEqual(feeder.fields, Object.keys(expectedRow(0)));
    for (let n = 0; n < 100; n++) {
      assert.deepEqual(
        JSON.parse(JSON.stringify(feeder.row(n))),
        JSON.parse(JSON.stringify(expectedRow(n))),
      );
    }
  });
}

test('skip and rows take a slice across row groups', async () => {
  const feeder = await open({ file: 'rows-snappy.parquet', skip: 35, rows: 10 });
  assert.equal(feeder.rowCount, 10);
  assert.equal(feeder.row(9)['id'], 44);
  await assert.rejects(open({ file: 'rows-snappy.parquet', skip: 100 }), /has no rows/);
});

test('a file that is no parquet is refused with its reason', async () => {
  await assert.rejects(open({ file: '../bench/ab.txt', format: 'parquet' }), /no parquet file/);
  await assert.rejects(open({ file: 'nowhere.parquet' }), /there is no such file/);
});
