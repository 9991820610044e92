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
  TOKENIZER_DIR: join(ROOT, 'servers/models/tokenizer.json'),
  PG_URL: 'postgres://user@127.0.0.1:9/bench',
  ...Object.fromEntries(
    ['CHROMA', 'WEAVIATE', 'MILVUS', 'VLLM', 'STT'].map((name) => [
      `${name}_URL`,
      'http://127.0.0.1:9',
    ]),
  ),
};

/** What a job asks for that is not there yet, beside drivers, verbs and words known to be later. */
const MISSING: Readonly<Record<string, readonly RegExp[]>> = {
  // A data set that is not in this folder.
  '09': [/\.hdf5/, /search\.ef: this server keeps ef/],
  '10': [/\.hdf5/, /endWith: a plan has a length/],
  // Clips that are no sound.
  '12': [/there is no metric real_time_factor/, /"seconds" is no field of clips/],
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
    const folder = folderOf(t);
    const surroundings = { ...folder.request().surroundings, descriptorLimit: undefined };
    const { problems } = await folder.check(text, { environment: ENVIRONMENT, surroundings });
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
    // Else nothing of it is missing any more.
    assert.ok(errors.length > 0);
  });
}
