import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunningServer } from '../../src/recipes/start-server.ts';
import { whyNotInstalled } from '../servers/embedding-server.ts';
import { jobNumber, JOBS, jobText, TOKENIZER, writeJobFiles } from '../support/job-files.ts';
import { startPostgres, whyNoPostgres, type PostgresServer } from '../support/postgres-server.ts';
import { startRecipe } from '../support/recipe-server.ts';
import {
  assertEnded,
  startLoadgen,
  temporaryFolder,
  type JsonSummary,
  type SavedResult,
} from '../support/run-loadgen.ts';
import { SMALL_JOBS } from './small-jobs.ts';

const WITHOUT = { chroma: whyNotInstalled('chroma'), postgres: whyNoPostgres() };

const folder = temporaryFolder();
const running: (RunningServer | PostgresServer)[] = [];

/** The reference server that each variable of a job stands for. */
before(
  async () => {
    await writeJobFiles(folder);
    const [embeddings, grpc, openai, kserve] = await Promise.all(
      ['embedding-node', 'embedding-grpc', 'reference-openai', 'reference-kserve'].map(startRecipe),
    );
    running.push(embeddings!, grpc!, openai!, kserve!);
    Object.assign(process.env, {
      EMBEDDINGS_URL: embeddings!.url,
      GRPC_ADDR: new URL(grpc!.url).host,
      TOKEN: 'secret',
      TRITON_URL: kserve!.url,
      VLLM_URL: openai!.url,
      STT_URL: openai!.url,
      TOKENIZER_DIR: TOKENIZER,
    });
    if (WITHOUT.chroma === false) {
      const chroma = await startRecipe('chroma');
      running.push(chroma);
      process.env['CHROMA_URL'] = chroma.url;
    }
    if (WITHOUT.postgres === false) {
      const postgres = await startPostgres();
      running.push(postgres);
      process.env['PG_URL'] = postgres.url;
    }
  },
  { timeout: 120_000 },
);
after(() => Promise.all(running.map((server) => server.stop())));

// Two at a time: most of a run is waiting.
describe('each job, made small', { concurrency: 2 }, () => {
  for (const file of JOBS) {
    const name = basename(file, '.yaml');
    const { needs = [], laidOver, check } = SMALL_JOBS[jobNumber(file)]!;
    const skip = needs.map((server) => WITHOUT[server]).find((reason) => reason !== false) ?? false;
    it(`${name} runs and measures what it says`, { skip, timeout: 60_000 }, async () => {
      writeFileSync(join(folder, `${name}.yaml`), jobText(file));
      const small = `version: 1\nextends: ${name}.yaml\n${laidOver}`;
      writeFileSync(join(folder, `small-${name}.yaml`), small);
      const args = ['run', `small-${name}.yaml`, '--json', '--quiet'];
      const ended = await startLoadgen(args, { folder }).ended;
      const { trials } = JSON.parse(ended.output || '{"trials":[]}') as JsonSummary;
      const results = trials.map((trial) => {
        const path = join(folder, trial.folder, 'result.json');
        return JSON.parse(readFileSync(path, 'utf8')) as SavedResult;
      });
      assertEnded({ ...ended, errors: `${ended.errors}\n${ended.output}` }, 0);
      check(results.map(({ accounts }) => accounts.measure));
    });
  }
});
