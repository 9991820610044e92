import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../support/run-loadgen.ts';
import { loadgen as runLoadgen } from '../importers/imported-scenario.ts';

const cache = temporaryFolder();

/** With a cache of its own. */
function loadgen(args: readonly string[]) {
  return runLoadgen(args, { XDG_CACHE_HOME: cache });
}

const DIMENSION = 3;

/** Twelve rows on a line, and two queries beside the third and the last of them. */
const BASE = Array.from({ length: 12 }, (_, row) => [row, 0, 1]);
const QUERIES = [
  [2.25, 0, 1],
  [11, 0, 1],
];

function writeFbin(file: string, rows: readonly (readonly number[])[]): void {
  const header = Buffer.from(Uint32Array.of(rows.length, DIMENSION).buffer);
  const body = Buffer.from(Float32Array.from(rows.flat()).buffer);
  writeFileSync(file, Buffer.concat([header, body]));
}

function dataFolder(): string {
  const folder = temporaryFolder();
  writeFbin(join(folder, 'base.fbin'), BASE);
  writeFbin(join(folder, 'queries.fbin'), QUERIES);
  writeFileSync(
    join(folder, 'queries.jsonl'),
    QUERIES.map((vector) => `${JSON.stringify({ vector })}\n`).join(''),
  );
  return folder;
}

test('inspect says what a data set holds, in words and as JSON', async () => {
  const file = join(dataFolder(), 'base.fbin');
  const words = await loadgen(['dataset', 'inspect', file]);
  assert.match(words.output, /^rows +12$/m);
  assert.match(words.output, /^dimension +3$/m);
  assert.match(words.output, /^lengths +1\.00000 to 11\.0454 \(first 12 rows\)$/m);
  const { output } = await loadgen(['dataset', 'inspect', file, '--json']);
  const { vectors, ...facts } = JSON.parse(output) as Record<string, unknown>;
  assert.deepEqual(facts, {
    file,
    format: 'fbin',
    bytes: 152,
    rows: 12,
    fields: ['id', 'vector'],
  });
  assert.deepEqual(vectors, {
    dimension: 3,
    sampled: 12,
    shortest: 1,
    longest: Math.sqrt(122),
    notFinite: 0,
  });
});

test('convert writes what reads back the same, and refuses what a format cannot hold', async () => {
  const folder = dataFolder();
  const base = join(folder, 'base.fbin');
  let from = base;
  for (const format of ['fvecs', 'ivecs', 'bvecs', 'u8bin', 'i8bin', 'ibin', 'npy']) {
    const to = join(folder, `converted.${format}`);
    await loadgen(['dataset', 'convert', from, to, '--quiet']);
    from = to;
  }
  const back = join(folder, 'back.bin');
  const end = await loadgen(['dataset', 'convert', from, back, '--to', 'fbin', '--json']);
  assert.deepEqual(JSON.parse(end.output), { file: back, format: 'fbin', rows: 12, dimension: 3 });
  assert.deepEqual(readFileSync(back), readFileSync(base));

  const part = join(folder, 'part.fbin');
  await loadgen(['dataset', 'convert', base, part, '--skip', '10', '--rows', '5']);
  assert.deepEqual(readFileSync(part).subarray(8), readFileSync(base).subarray(8 + 10 * 12));

  const bytes = join(folder, 'queries.u8bin');
  const convert = (to: string) =>
    loadgen(['dataset', 'convert', join(folder, 'queries.jsonl'), to]);
  await assert.rejects(convert(bytes), /row 0 has the number 2\.25, which no uint8 is/);
  assert.ok(!existsSync(bytes));
  await assert.rejects(convert(part), /part\.fbin: it is there already/);
  await assert.rejects(convert(join(folder, 'a.xyz')), /xyz is no format that vectors are written/);
});

test('ground truth is the nearest rows, in the formats of benchmarks', async () => {
  const folder = dataFolder();
  const [base, queries] = [join(folder, 'base.fbin'), join(folder, 'queries.jsonl')];
  const find = `dataset ground-truth ${base} ${queries} --metric l2 --k 3 --threads 2`.split(' ');
  const truth = (output: string, ...more: string[]) =>
    loadgen([...find, '--output', join(folder, output), ...more]);
  await truth('truth.ivecs');
  const ivecs = readFileSync(join(folder, 'truth.ivecs'));
  assert.deepEqual(
    [...new Int32Array(ivecs.buffer, ivecs.byteOffset, ivecs.length / 4)],
    [3, 2, 3, 1, 3, 11, 10, 9],
  );
  const end = await truth('truth.bin', '--filter', 'row.id >= 9', '--json');
  assert.deepEqual(JSON.parse(end.output), {
    file: join(folder, 'truth.bin'),
    queries: 2,
    k: 3,
    metric: 'l2',
    filter: 'row.id >= 9',
  });
  const bin = readFileSync(join(folder, 'truth.bin'));
  const integers = Array.from({ length: 8 }, (_, at) => bin.readInt32LE(4 * at));
  assert.deepEqual(integers, [2, 3, 9, 10, 11, 11, 10, 9]);
  const distances = Array.from({ length: 6 }, (_, at) => bin.readFloatLE(32 + 4 * at));
  assert.deepEqual(distances, [6.75 ** 2, 7.75 ** 2, 8.75 ** 2, 0, 1, 4]);
  // Fewer rows than neighbours: what is missing is −1 and infinitely far.
  await truth('few.bin', '--filter', 'row.id == 4');
  const few = readFileSync(join(folder, 'few.bin'));
  assert.deepEqual([few.readInt32LE(8), few.readInt32LE(12)], [4, -1]);
  assert.equal(few.readFloatLE(36), Infinity);
});

test('what cannot be searched is refused in words', async () => {
  const folder = dataFolder();
  const base = join(folder, 'base.fbin');
  const short = join(folder, 'short.fbin');
  writeFileSync(short, readFileSync(base).subarray(0, 100));
  const out = join(folder, 'out.ivecs');
  const search = (queries: string, ...more: string[]) => {
    const find = ['dataset', 'ground-truth', base, queries, '--output', out, '--threads', '1'];
    return loadgen([...find, ...more]);
  };
  await assert.rejects(
    search(base, '--metric', 'near'),
    /--metric has the value near; expected l2/,
  );
  await assert.rejects(
    search(short, '--metric', 'l2'),
    /12 rows of 3: expected 152 bytes, found 100/,
  );
  const filter = ['--metric', 'l2', '--filter', 'row.label == 1'];
  await assert.rejects(search(base, ...filter), /row\.label|label/);
  await assert.rejects(search(base, '--metric', 'l2', '--filter', 'row.id'), /true or false/);
  const other = join(folder, 'other.jsonl');
  writeFileSync(other, '{"vector":[1,2]}\n');
  await assert.rejects(
    search(other, '--metric', 'l2'),
    /expected 2 numbers as its queries have, found 3/,
  );
  assert.ok(!existsSync(out));
});
