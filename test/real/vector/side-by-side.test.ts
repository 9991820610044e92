/**
 * loadgen in turn with VectorDBBench: the same rows, queries and index in the same pgvector, each
 * asking for the ten nearest. Recall is the same figure; how many queries a second each gets out of
 * the server is only told, since the one runs a Python process for each that is in flight.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from 'pg';
import { measuredSource } from '../../../src/reports/measured-source.ts';
import { readResult } from '../../../src/results/read/read-result.ts';
import type { MetricStore } from '../../../src/measure/metrics/metric-store.ts';
import { whyNotInstalled } from '../../servers/embedding-server.ts';
import { startRecipe } from '../../support/recipe-server.ts';
import { runScenario } from '../../support/run-loadgen.ts';
import {
  runVectorDbBench,
  skipsWithoutVectorDbBench,
  VDBB_TABLE,
  writeVectorSet,
} from './vectordbbench.ts';

const TURNS = Number(process.env['ALTERNATIONS'] ?? 2);
const SET = { rows: 5_000, queries: 200, dimension: 64 };
const ASKED = { k: 10, ef: 40, concurrencies: [1, 4], seconds: 3 };
/** Of what VectorDBBench prints. */
const RECALL_DIGITS = 4;
const COLLECTION = 'side_by_side';

interface Place {
  readonly url: string;
  readonly folder: string;
}

/** VectorDBBench's table, index and all, under the names that our driver expects. */
const VIEW =
  `CREATE VIEW ${COLLECTION} AS SELECT id, embedding AS vector FROM ${VDBB_TABLE}; ` +
  `COMMENT ON VIEW ${COLLECTION} IS '{"metric":"l2"}'`;

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function runOwn({ url, folder }: Place, load: object, more = {}): Promise<MetricStore> {
  const search = {
    collection: COLLECTION,
    vector: '{{ queries.vector }}',
    k: ASKED.k,
    ef: ASKED.ef,
  };
  const scenario = {
    version: 1,
    targets: { db: { driver: 'pgvector', url } },
    data: {
      queries: {
        file: folder,
        format: 'vectordbbench',
        table: 'test',
        truth: { ids: 'neighbors' },
      },
    },
    steps: [{ name: 'knn', search, ...more }],
    load,
  };
  // JSON is YAML.
  const run = await runScenario(JSON.stringify(scenario));
  assert.ok(run.summary, run.errors);
  const { result } = (await readResult(join(run.folder, run.summary.folder))).trials[0]!;
  const { operations, attempted } = result.accounts.measure;
  assert.equal(operations['ok'], attempted, run.errors);
  return measuredSource(result);
}

/** Each query once, as VectorDBBench's serial pass has it. */
async function ownRecall(place: Place): Promise<number> {
  const load = { executor: 'shared-iterations', vus: 1, iterations: SET.queries };
  const name = `recall_ids@${ASKED.k}`;
  const recall = (await runOwn(place, load, { score: { [name]: 'queries.truth' } })).histogram(
    name,
  );
  assert.equal(recall.count, SET.queries);
  return recall.mean;
}

/** With nothing scored: VectorDBBench scores only its serial pass. */
async function ownRate(place: Place, vus: number): Promise<number> {
  const { seconds } = ASKED;
  const warmup = { duration: '1s' };
  const load = { executor: 'constant-vus', vus, duration: `${seconds}s`, warmup };
  return (await runOwn(place, load)).counter('operations', { outcome: 'ok' }) / seconds;
}

const skip = skipsWithoutVectorDbBench || whyNotInstalled('postgres-pgvector');

test('VectorDBBench finds the same recall in turn', { skip, timeout: 1_200_000 }, async (t) => {
  const server = await startRecipe('postgres-pgvector');
  t.after(() => server.stop());
  const place = { url: server.url, folder: writeVectorSet(SET) };
  await execute(place.url, 'CREATE EXTENSION vector');
  const port = Number(new URL(place.url).port);
  for (let turn = 0; turn < TURNS; turn++) {
    const loads = turn === 0;
    const theirs = await runVectorDbBench({ ...SET, ...ASKED, ...place, port, loads });
    if (loads) await execute(place.url, VIEW);
    const recall = await ownRecall(place);
    t.diagnostic(`recall@${ASKED.k}: VectorDBBench ${theirs.recall}, loadgen ${recall}`);
    assert.equal(recall.toFixed(RECALL_DIGITS), theirs.recall.toFixed(RECALL_DIGITS));
    for (const [index, concurrency] of ASKED.concurrencies.entries()) {
      const rate = await ownRate(place, concurrency);
      const their = theirs.queriesPerSecond[index]!;
      t.diagnostic(
        `${concurrency} in flight: VectorDBBench ${their.toFixed(0)}/s, ` +
          `loadgen ${rate.toFixed(0)}/s, ${(rate / their).toFixed(2)}`,
      );
    }
  }
});
