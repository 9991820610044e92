import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as h5wasm from 'h5wasm/node';

const ROOT = join(import.meta.dirname, '../..');

/** The twelve jobs that the language is there for, by their file. */
export const JOBS: readonly string[] = globSync('test/fixtures/jobs/*.yaml', {
  cwd: ROOT,
}).toSorted();

/** As it is written; the tokenizer that it finds beside the scenarios is in the repository. */
export function jobText(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8').replace('../servers', join(ROOT, 'servers'));
}

/** `09` of `09-vector-databases.yaml`. */
export function jobNumber(file: string): string {
  return basename(file).slice(0, 2);
}

export const TOKENIZER = join(ROOT, 'servers/models/tokenizer.json');

/** Rows of the data set that stands in for SIFT's million. */
export const BASE_ROWS = 400;
const QUERY_ROWS = 20;
const DIMENSION = 128;
const DEPTH = 10;

/** Small files of all names that the jobs have, below `folder`. */
export async function writeJobFiles(folder: string): Promise<void> {
  const write = (file: string, text: string): void => writeFileSync(join(folder, file), text);
  mkdirSync(join(folder, 'data'), { recursive: true });
  write('data/queries.txt', 'one\ntwo words\nthree whole words\n');
  write('data/queries.csv', 'text,tenant\na,free\nb,pro\n');
  write('data/questions.jsonl', '{"text":"a"}\n{"text":"b c"}\n');
  // As many as the percentiles need that are judged of half of them.
  const arrivals = Array.from({ length: 2_000 }, (_, row) => `${row / 10},${8 + (row % 5)},2\n`);
  write('data/azure_llm.csv', `TIMESTAMP,ContextTokens,GeneratedTokens\n${arrivals.join('')}`);
  cpSync(join(ROOT, 'scenarios/grpc/protos'), join(folder, 'protos'), { recursive: true });
  cpSync(join(ROOT, 'scenarios/stt/sounds'), join(folder, 'data/wav'), { recursive: true });
  await writeVectors(join(folder, 'data/sift-128-euclidean.hdf5'));
  cpSync(join(folder, 'data/sift-128-euclidean.hdf5'), join(folder, 'data/sift.hdf5'));
}

/** The layout of ann-benchmarks: train, test, and the nearest of each test row, by brute force. */
async function writeVectors(path: string): Promise<void> {
  await h5wasm.ready;
  const train = vectors(BASE_ROWS, 1);
  const test = vectors(QUERY_ROWS, 2);
  const nearest = test.map((query) => {
    const all = train.map((row, id) => ({ id, distance: distance(query, row) }));
    return all.toSorted((one, other) => one.distance - other.distance).slice(0, DEPTH);
  });
  const file = new h5wasm.File(path, 'w');
  const floats = (name: string, rows: readonly Float32Array[]): void => {
    const data = Float32Array.from(rows.flatMap((row) => [...row]));
    file.create_dataset({ name, data, shape: [rows.length, rows[0]!.length], dtype: '<f4' });
  };
  floats('train', train);
  floats('test', test);
  floats(
    'distances',
    nearest.map((row) => Float32Array.from(row, (one) => one.distance)),
  );
  const data = Int32Array.from(nearest.flatMap((row) => row.map(({ id }) => id)));
  file.create_dataset({ name: 'neighbors', data, shape: [QUERY_ROWS, DEPTH], dtype: '<i4' });
  file.close();
}

/** Of the numbers 0 to 255, as SIFT's are, by a linear congruence. */
function vectors(count: number, seed: number): Float32Array[] {
  let state = seed;
  return Array.from({ length: count }, () =>
    Float32Array.from({ length: DIMENSION }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

function distance(one: Float32Array, other: Float32Array): number {
  return Math.sqrt(one.reduce((sum, value, index) => sum + (value - other[index]!) ** 2, 0));
}
