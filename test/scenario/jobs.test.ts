import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { basename } from 'node:path';
import { before, test } from 'node:test';
import {
  BASE_ROWS,
  jobNumber,
  JOBS,
  jobText,
  TOKENIZER,
  writeJobFiles,
} from '../support/job-files.ts';
import { temporaryFolder as folderOfAll } from '../support/run-loadgen.ts';
import { ScenarioFolder } from './support/scenario-file.ts';

const ENVIRONMENT = {
  EMBEDDINGS_URL: 'http://127.0.0.1:8000',
  TOKEN: 'secret',
  TOKENIZER_DIR: TOKENIZER,
  PG_URL: 'postgres://user@127.0.0.1:9/bench',
  ...Object.fromEntries(
    ['CHROMA', 'WEAVIATE', 'MILVUS', 'VLLM', 'STT'].map((name) => [
      `${name}_URL`,
      'http://127.0.0.1:9',
    ]),
  ),
};

/** Of a data set of 400 rows instead of a million. */
const SMALLER: Readonly<Record<string, readonly string[]>> = {
  '10': [`data.base.rows=${BASE_ROWS / 2}`, `data.more.skip=${BASE_ROWS / 2}`],
};

const files = folderOfAll();
before(() => writeJobFiles(files));

for (const file of JOBS) {
  test(`${basename(file)} is right as it is written`, async (t) => {
    const folder = new ScenarioFolder(t);
    cpSync(files, folder.path, { recursive: true });
    const { surroundings } = folder.request();
    const { scenario, problems } = await folder.check(jobText(file), {
      environment: ENVIRONMENT,
      // How many connections this machine allows is no matter of the language.
      surroundings: { ...surroundings, descriptorLimit: undefined },
      set: SMALLER[jobNumber(file)] ?? [],
    });
    assert.deepEqual(problems, []);
    assert.ok(scenario!.trials.length >= 1);
  });
}
