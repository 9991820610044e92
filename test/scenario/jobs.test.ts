import assert from 'node:assert/strict';
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ScenarioFolder } from './support/scenario-file.ts';

const ROOT = join(import.meta.dirname, '../..');
const JOBS = globSync('test/fixtures/jobs/*.yaml', { cwd: ROOT }).toSorted();

const ENVIRONMENT = {
  EMBEDDINGS_URL: 'http://127.0.0.1:8000',
  TOKEN: 'secret',
  PG_URL: 'postgres://127.0.0.1:9/jobs',
  TOKENIZER_DIR: join(ROOT, 'servers/models'),
  ...Object.fromEntries(
    ['CHROMA', 'WEAVIATE', 'MILVUS', 'VLLM', 'STT'].map((name) => [
      `${name}_URL`,
      'http://127.0.0.1:9',
    ]),
  ),
};

/** A job whose drivers are not there yet: what else of it is not, beside its drivers and verbs. */
const MISSING: Readonly<Record<string, readonly RegExp[]>> = {
  '04': [],
  // The end of its load, which later words are.
  '06': [/load\.duration: the load needs an end/],
  '07': [/data\.prompts\.tokens: expected a number, found a map/, /load\.arrival: /],
  '09': [/\.hdf5/],
  '10': [/\.hdf5/, /load\.iterations: expected .*found "all"/, /endWith: a plan has a length/],
  '11': [],
  '12': [/data\.prompts\.tokens: expected a number, found a map/],
};

const LATER = /(?::|" is) known to the language, not supported by this version$/;

function folderOf(context: TestContext): ScenarioFolder {
  const folder = new ScenarioFolder(context);
  mkdirSync(join(folder.path, 'data/wav'), { recursive: true });
  folder.write('data/queries.txt', 'one\ntwo\n');
  folder.write('data/queries.csv', 'text,tenant\na,free\nb,pro\n');
  folder.write('data/questions.jsonl', '{"text":"a"}\n');
  folder.write(
    'data/azure_llm.csv',
    `TIMESTAMP,ContextTokens,GeneratedTokens\n${'0,10,2\n'.repeat(20)}`,
  );
  mkdirSync(join(folder.path, 'protos/embed/v1'), { recursive: true });
  folder.write('protos/embed/v1/embed.proto', 'syntax = "proto3";\n');
  folder.write('data/wav/a.bin', '');
  folder.write('data/wav/a.txt', 'spoken\n');
  return folder;
}

for (const file of JOBS) {
  const number = basename(file).slice(0, 2);
  const missing = MISSING[number];
  const title = missing
    ? `${basename(file)} has no problem but its drivers, their verbs and what is said to be missing`
    : `${basename(file)} is right`;
  test(title, async (t) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
      .replace('../servers', join(ROOT, 'servers'))
      .replace('data/wav/*.wav', 'data/wav/*.bin');
    const { problems } = await folderOf(t).check(text, { environment: ENVIRONMENT });
    const errors = problems
      .filter(({ severity }) => severity === 'error')
      .map(({ path, message }) => `${path}: ${message}`);
    if (missing === undefined) {
      assert.deepEqual(errors, []);
      return;
    }
    const known = [LATER, ...missing];
    assert.deepEqual(
      errors.filter((error) => !known.some((one) => one.test(error))),
      [],
    );
    assert.ok(errors.some((error) => /targets\.\w+\.driver/.test(error) && LATER.test(error)));
  });
}
