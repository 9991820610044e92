import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { LoadgenError } from '../../src/base/errors/loadgen-error.ts';
import { openFeeder, type Feeder } from '../../src/data/feeder.ts';
import { feederSchema } from '../../src/data/feeder-schema.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadgen-feeder-'));
});
after(() => rm(folder, { recursive: true }));

let files = 0;
async function fileOf(content: string | Uint8Array): Promise<string> {
  const name = `rows-${files++}.txt`;
  await writeFile(join(folder, name), content);
  return name;
}

function open(feeder: unknown, { seed = 1, name = 'rows' } = {}): Promise<Feeder> {
  return openFeeder(name, feederSchema.parse(feeder), { seed, baseFolder: folder });
}

function rowsOf(feeder: Feeder, count: number): unknown[] {
  return Array.from({ length: count }, (_, iteration) => feeder.row(iteration));
}

function linesOf(feeder: Feeder, count = feeder.rowCount): unknown[] {
  return rowsOf(feeder, count).map((row) => (row as { line: unknown }).line);
}

test('a file gives a row per line, without line ends, marks and empty lines', async () => {
  const feeder = await open({ file: await fileOf('\ufeffone\r\ntwo\n\n naïve 東京 \nlast') });
  assert.deepEqual(linesOf(feeder), ['one', 'two', ' naïve 東京 ', 'last']);
  assert.deepEqual(feeder.fields, ['line']);
  assert.equal(feeder.rowCount, 4);
});

test('any text without line ends comes back as it was written', async () => {
  const line = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .filter((text) => text.isWellFormed() && !/[\r\n\ufeff]/.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 20 }), async (lines) => {
      const feeder = await open({ file: await fileOf(lines.join('\n')) });
      assert.deepEqual(linesOf(feeder), lines);
    }),
    { numRuns: 50 },
  );
});

test('a file too large for strings gives the same rows as a small one', async () => {
  const lines = Array.from({ length: 250_000 }, (_, index) => `line ${index} of a larger é file`);
  const large = await open({ file: await fileOf(lines.join('\n')) });
  assert.equal(large.rowCount, 250_000);
  for (const index of [0, 1, 124_999, 249_999]) {
    assert.deepEqual(large.row(index), { line: lines[index] });
  }
  assert.deepEqual(large.row(250_000), { line: lines[0] });
});

test('skip and rows cut a slice, whose rows repeat', async () => {
  const file = await fileOf('a\nb\nc\nd\ne\n');
  const feeder = await open({ file, skip: 1, rows: 3 });
  assert.deepEqual(linesOf(feeder, 5), ['b', 'c', 'd', 'b', 'c']);
  assert.deepEqual([feeder.rowNumber(0), feeder.rowNumber(2), feeder.rowNumber(3)], [2, 4, 2]);
  const inline = await open({ inline: [{ n: 1 }, { n: 2 }, { n: 3 }], skip: 1 });
  assert.deepEqual(rowsOf(inline, 3), [{ n: 2 }, { n: 3 }, { n: 2 }]);
});

test('a batch makes every field a list', async () => {
  const feeder = await open({ inline: [{ a: 1, b: 'x' }, { a: 2 }, { a: 3, b: 'z' }], batch: 2 });
  assert.deepEqual(rowsOf(feeder, 3), [
    { a: [1, 2], b: ['x', undefined] },
    { a: [3, 1], b: ['z', 'x'] },
    { a: [2, 3], b: [undefined, 'z'] },
  ]);
});

test('a shuffled pass holds every row once, and no pass is like another', async () => {
  const inline = Array.from({ length: 40 }, (_, n) => ({ n }));
  const feeder = await open({ inline, pick: 'shuffle' });
  const passes = [0, 1, 2].map((pass) =>
    inline.map((_, index) => (feeder.row(pass * 40 + index) as { n: number }).n),
  );
  for (const pass of passes) {
    assert.deepEqual(
      pass.toSorted((a, b) => a - b),
      inline.map(({ n }) => n),
    );
  }
  assert.notDeepEqual(passes[0], passes[1]);
  assert.notDeepEqual(passes[1], passes[2]);
});

test('an iteration gets the same row whichever worker asks, in whatever order', async () => {
  const inline = Array.from({ length: 23 }, (_, n) => ({ n }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(500), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      async (iterations, workers, batch) => {
        const feeder = { inline, pick: 'shuffle', batch };
        const alone = await open(feeder);
        const several = await Promise.all(Array.from({ length: workers }, () => open(feeder)));
        for (const iteration of iterations) {
          const worker = several[iteration % workers]!;
          assert.deepEqual(worker.row(iteration), alone.row(iteration));
        }
      },
    ),
  );
});

test('seed and name of a feeder decide its order', async () => {
  const inline = Array.from({ length: 40 }, (_, n) => ({ n }));
  const feeder = { inline, pick: 'shuffle' };
  const first = rowsOf(await open(feeder), 40);
  assert.deepEqual(rowsOf(await open(feeder), 40), first);
  assert.notDeepEqual(rowsOf(await open(feeder, { seed: 2 }), 40), first);
  assert.notDeepEqual(rowsOf(await open(feeder, { name: 'others' }), 40), first);
});

async function refusal(feeder: unknown): Promise<{ code: string; message: string }> {
  const error: unknown = await open(feeder).then(
    () => assert.fail('it opened'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof LoadgenError);
  return { code: error.code, message: error.message };
}

test('a file that is missing, a folder, or no text is refused with its reason', async () => {
  const missing = await refusal({ file: 'nowhere.txt' });
  assert.equal(missing.code, 'DATA_NOT_READABLE');
  assert.match(missing.message, /nowhere\.txt of feeder "rows" .* there is no such file/);
  assert.match((await refusal({ file: '.' })).message, /it is a folder/);
  const binary = await refusal({ file: await fileOf(new Uint8Array([0x61, 0xff, 0xfe])) });
  assert.equal(binary.code, 'DATA_NOT_READABLE');
  assert.match(binary.message, /not UTF-8/);
});

test('a feeder without rows is refused', async () => {
  for (const content of ['', '\n\r\n\n', '\ufeff']) {
    assert.equal((await refusal({ file: await fileOf(content) })).code, 'DATA_EMPTY');
  }
  const skipped = await refusal({ file: await fileOf('a\nb'), skip: 2 });
  assert.match(skipped.message, /has no rows \(rows-\d+\.txt, after skipping 2\)/);
  assert.equal((await refusal({ inline: [{ a: 1 }], skip: 1 })).code, 'DATA_EMPTY');
});
