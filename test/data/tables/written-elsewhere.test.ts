import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LoadgenError } from '../../../src/base/errors/loadgen-error.ts';
import { openFeeder, type Feeder } from '../../../src/data/feeder.ts';
import { feederSchema } from '../../../src/data/feeder-schema.ts';
import type { Truth } from '../../../src/data/truth/truth-rows.ts';
import { skipsWithoutPython, writeDatasets } from '../../support/datasets-environment.ts';

const skip = skipsWithoutPython;

interface Expected {
  readonly rows: number;
  readonly dimension: number;
  readonly order: readonly number[];
  readonly base: readonly (readonly number[])[];
  readonly queries: readonly (readonly number[])[];
  readonly nearest: Readonly<Record<string, { ids: number[][]; distances: number[][] }>>;
}

let folder = '';
let expected: Expected;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'loadgen-datasets-'));
  if (skip !== false) return;
  writeDatasets(folder);
  expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected;
});
after(() => rmSync(folder, { recursive: true }));

function open(written: object): Promise<Feeder> {
  const context = { seed: 1, baseFolder: folder, cacheFolder: join(folder, 'cache') };
  return openFeeder('rows', feederSchema.parse(written), context);
}

async function vectors(written: object): Promise<number[][]> {
  const feeder = await open(written);
  return Array.from({ length: feeder.rowCount }, (_, row) => {
    const { vector } = feeder.row(row);
    assert.ok(vector instanceof Float32Array);
    return [...vector];
  });
}

async function refusal(written: object): Promise<string> {
  const error: unknown = await open(written).then(
    () => assert.fail(`it opened: ${JSON.stringify(written)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof LoadgenError, String(error));
  assert.match(error.code, /^DATASET_NOT_(USABLE|READABLE)$/);
  return error.message;
}

test('vectors are what h5py, numpy and struct wrote, in every format', { skip }, async () => {
  const { base, queries } = expected;
  const whole = base.map((row) => row.map((value) => 2 * value));
  assert.deepEqual(await vectors({ file: 'set.hdf5' }), base);
  assert.deepEqual(await vectors({ file: 'set.hdf5', table: 'test' }), queries);
  const bits = base.map((row) => row.map((value) => (value > 2 ? 1 : 0)));
  assert.deepEqual(await vectors({ file: 'set.hdf5', table: 'bits' }), bits);
  for (const file of ['base.fvecs', 'base.fbin', 'base-f2.npy', 'base-f4.npy', 'base-f8.npy']) {
    assert.deepEqual(await vectors({ file }), base, file);
  }
  for (const file of ['bvecs', 'u8bin', 'ibin']) {
    assert.deepEqual(await vectors({ file: `base.${file}` }), whole, file);
  }
  for (const kind of ['u1', 'i2', 'i8']) {
    assert.deepEqual(await vectors({ file: `base-${kind}.npy` }), whole, kind);
  }
  const moved = whole.map((row) => row.map((value) => value - 5));
  assert.deepEqual(await vectors({ file: 'base.i8bin' }), moved);
});

test('rows have the number they have in the file as id, also after a skip', { skip }, async () => {
  const feeder = await open({ file: 'base.fbin', skip: 2990, pick: 'once', batch: 4 });
  assert.equal(feeder.iterations, 3);
  const { id, vector } = feeder.row(2) as { id: number[]; vector: Float32Array[] };
  assert.deepEqual(id, [2998, 2999]);
  assert.deepEqual([...vector[1]!], expected.base[2999]);
});

test('VectorDBBench’s parts are read as one table with ids of their own', { skip }, async () => {
  const feeder = await open({ file: 'vdbb', format: 'vectordbbench' });
  assert.equal(feeder.rowCount, expected.rows);
  for (let row = 0; row < feeder.rowCount; row++) {
    const { id, vector } = feeder.row(row) as { id: number; vector: Float32Array };
    assert.equal(id, expected.order[row]);
    assert.deepEqual([...vector], expected.base[id], `row ${row}`);
  }
  const queries = { file: 'vdbb', format: 'vectordbbench', table: 'test' };
  assert.deepEqual(await vectors(queries), expected.queries);
});

test(
  'qdrant’s folder gives payloads with its vectors, and truth with its tests',
  { skip },
  async () => {
    const train = await open({ file: 'qdrant', format: 'qdrant' });
    assert.deepEqual(train.row(9)['payload'], { tenant: 2 });
    assert.deepEqual([...(train.row(9)['vector'] as Float32Array)], expected.base[9]);
    const tests = await open({ file: 'qdrant', format: 'qdrant', table: 'test' });
    assert.deepEqual(tests.row(3)['truth'], {
      ids: expected.nearest['l2']!.ids[3],
      distances: expected.nearest['l2']!.distances[3],
    });
  },
);

test('ground truth is read from wherever it stands', { skip }, async () => {
  const { ids, distances } = expected.nearest['l2']!;
  const hdf5 = { file: 'set.hdf5', table: 'test' };
  const file = { file: 'queries.fbin' };
  const vdbb = { file: 'vdbb', format: 'vectordbbench', table: 'test' };
  const sources: readonly (readonly [object, object, boolean])[] = [
    [hdf5, { ids: 'neighbors' }, false],
    [hdf5, { ids: 'wide' }, false],
    [file, { ids: 'truth.ivecs' }, false],
    [file, { ids: 'truth.ivecs', distances: 'distances.npy' }, true],
    [file, { ids: 'truth.gt20', distances: 'truth.gt20' }, true],
    [file, { ids: 'truth.ibin' }, false],
    [vdbb, { ids: 'neighbors' }, false],
    [{ file: 'queries.npy' }, { ids: 'vdbb/neighbors.parquet' }, false],
  ];
  for (const [source, truth, hasDistances] of sources) {
    const feeder = await open({ ...source, truth });
    assert.equal(feeder.truthDepth, 20);
    for (let row = 0; row < feeder.rowCount; row++) {
      const found = feeder.row(row)['truth'] as Truth;
      assert.deepEqual(found.ids, ids[row], JSON.stringify(truth));
      assert.deepEqual(found.distances, hasDistances ? distances[row] : undefined);
    }
  }
  const both = await open({ ...hdf5, truth: { ids: 'neighbors', distances: 'distances' } });
  const found = both.row(5)['truth'] as Truth;
  assert.deepEqual(
    found.distances,
    distances[5]!.map((distance) => Math.fround(Math.sqrt(distance))),
  );
});

test(
  'files that were cut off are refused, with what was expected and found',
  { skip },
  async () => {
    const cut = (file: string, bytes: number): string => {
      const name = `cut-${file}`;
      copyFileSync(join(folder, file), join(folder, name));
      truncateSync(join(folder, name), bytes);
      return name;
    };
    const { rows, dimension } = expected;
    const fbin = await refusal({ file: cut('base.fbin', 100_000) });
    assert.match(
      fbin,
      new RegExp(`${rows} rows of ${dimension}: expected 192008 bytes, found 100000`),
    );
    assert.match(fbin, /cut-base\.fbin/);
    assert.match(
      await refusal({ file: cut('base.fvecs', 100_000) }),
      /multiple of 68 bytes.*found 100000/,
    );
    assert.match(
      await refusal({ file: cut('base-f4.npy', 100_000) }),
      /192128 bytes, found 100000/,
    );
    assert.match(await refusal({ file: cut('base-f8.npy', 40) }), /ends at byte 128/);
    assert.match(
      await refusal({ file: cut('set.hdf5', 150_000) }),
      /cut-set\.hdf5.*(damaged|cut off)/,
    );
    const gt = cut('truth.gt20', 3000);
    const truth = { ids: gt };
    assert.match(
      await refusal({ file: 'queries.fbin', truth }),
      /40 rows of 20: expected 6408 bytes/,
    );
    mkdirSync(join(folder, 'cut-vdbb'));
    const part = readFileSync(join(folder, 'vdbb/train-02-of-03.parquet'));
    writeFileSync(join(folder, 'cut-vdbb/train.parquet'), part.subarray(0, 40_000));
    const parquet = await refusal({ file: 'cut-vdbb', format: 'vectordbbench' });
    assert.match(parquet, /cut-vdbb.train\.parquet.*no parquet file, or cut off/);
  },
);

test('files that are something else are refused', { skip }, async () => {
  writeFileSync(join(folder, 'text.hdf5'), 'not at all');
  writeFileSync(join(folder, 'text.npy'), 'not at all, nor this');
  writeFileSync(join(folder, 'short.fbin'), 'abc');
  assert.match(await refusal({ file: 'text.hdf5' }), /does not begin as an HDF5 file does/);
  assert.match(await refusal({ file: 'text.npy' }), /does not begin as a file of numpy does/);
  assert.match(await refusal({ file: 'short.fbin' }), /header of 8 bytes, found 3/);
  assert.match(await refusal({ file: 'fortran.npy' }), /column by column/);
  assert.match(await refusal({ file: 'texts.npy' }), /type <U1/);
  assert.match(await refusal({ file: 'set.hdf5', table: 'base' }), /it has .*train/);
  assert.match(await refusal({ file: 'set.hdf5', table: 'flat' }), /its shape is \[5\]/);
  assert.match(await refusal({ file: 'base.fbin', format: 'fvecs' }), /row|multiple|numbers/);
  assert.match(await refusal({ file: 'nowhere.fbin' }), /there is no such file/);
  assert.match(
    await refusal({ file: 'vdbb', format: 'vectordbbench', table: 'x' }),
    /train or test/,
  );
  assert.match(
    await refusal({ file: 'qdrant', format: 'vectordbbench' }),
    /expected train\.parquet/,
  );
  const short = { ids: 'truth.ivecs' };
  assert.match(await refusal({ file: 'base.fbin', truth: short }), /neighbours of 3000 rows.*40/);
});

test(
  'exact neighbours are those of numpy, ties included, and come from the cache after that',
  { skip },
  async () => {
    const base = { file: 'base.fbin' };
    for (const metric of ['l2', 'cosine', 'ip', 'hamming', 'filtered']) {
      const truth = {
        exactOver: 'base',
        metric: metric === 'filtered' ? 'l2' : metric,
        k: 20,
        ...(metric === 'filtered' && { filter: 'row.id >= params.first' }),
      };
      const spec = feederSchema.parse({ file: 'queries.npy', truth });
      const searches: number[] = [];
      const context = {
        seed: 1,
        baseFolder: folder,
        cacheFolder: join(folder, 'cache'),
        params: { first: 2500 },
        data: { base: feederSchema.parse(base) },
        progress: ({ rows }: { rows: number }) => searches.push(rows),
      };
      const feeder = await openFeeder('queries', spec, context);
      assert.ok(searches.length > 0);
      const { ids, distances } = expected.nearest[metric]!;
      for (let row = 0; row < feeder.rowCount; row++) {
        const found = feeder.row(row)['truth'] as Required<Truth>;
        if (metric !== 'cosine') assert.deepEqual(found.ids.slice(0, 20), ids[row], metric);
        for (const [at, distance] of distances[row]!.entries()) {
          assert.ok(Math.abs(found.distances[at]! - distance) < 1e-12, metric);
        }
        const last = distances[row]![19]!;
        assert.ok(found.distances.slice(20).every((far) => far <= last + found.tolerance));
      }
      searches.length = 0;
      const again = await openFeeder('queries', spec, context);
      assert.deepEqual(again.row(7), feeder.row(7));
      assert.deepEqual(searches, []);
    }
  },
);
