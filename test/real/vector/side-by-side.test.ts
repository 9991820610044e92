/**
 * loadgen in turn with VectorDBBench: the same rows, queries and index in the same database, each
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
import { runVectorDbBench, skipsWithoutVectorDbBench, writeVectorSet } from './vectordbbench.ts';

const TURNS = Number(process.env['ALTERNATIONS'] ?? 2);
const SET = { rows: 5_000, queries: 200, dimension: 64 };
const ASKED = { k: 10, ef: 40, concurrencies: [1, 4], seconds: 3 };
/** Of what VectorDBBench prints. */
const RECALL_DIGITS = 4;

/** A database that both know, each by names of its own. */
interface Database {
  readonly driver: string;
  readonly recipe: string;
  /** What VectorDBBench makes, as our driver finds it. */
  readonly collection: string;
  /** For our searches; else the index has it. */
  readonly ef?: number;
  /** Subcommand of VectorDBBench. */
  command(server: URL): readonly string[];
  /** Before its first run, and after. */
  prepare?(server: URL): Promise<void>;
  adopt?(server: URL): Promise<void>;
}

const DATABASES: readonly Database[] = [
  {
    driver: 'pgvector',
    recipe: 'postgres-pgvector',
    collection: 'side_by_side',
    ef: ASKED.ef,
    command: ({ hostname, port }) =>
      [
        ['pgvectorhnsw', '--host', hostname, '--port', port, '--m', '16'],
        ['--user-name', 'postgres', '--password', 'none', '--db-name', 'postgres'],
        ['--ef-construction', '100', '--ef-search', String(ASKED.ef)],
      ].flat(),
    prepare: (server) => execute(server, 'CREATE EXTENSION vector'),
    // Its table, index and all, under the names that our driver expects.
    adopt: (server) =>
      execute(
        server,
        'CREATE VIEW side_by_side AS SELECT id, embedding AS vector FROM vdbbench_table_test; ' +
          `COMMENT ON VIEW side_by_side IS '{"metric":"l2"}'`,
      ),
  },
  {
    driver: 'chroma',
    recipe: 'chroma',
    collection: 'VectorDBBenchCollection',
    command: ({ hostname, port }) =>
      [
        ['chroma', '--host', hostname, '--port', port, '--m', '16'],
        ['--ef-construct', '100', '--ef-search', String(ASKED.ef)],
      ].flat(),
  },
];

interface Place {
  readonly database: Database;
  readonly url: string;
  readonly folder: string;
}

async function execute(server: URL, sql: string): Promise<void> {
  const client = new Client({ connectionString: server.href });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function runOwn(
  { database, url, folder }: Place,
  load: object,
  more = {},
): Promise<MetricStore> {
  const { driver, collection, ef } = database;
  const vector = '{{ queries.vector }}';
  const search = { collection, vector, k: ASKED.k, ...(ef !== undefined && { ef }) };
  const scenario = {
    version: 1,
    targets: { db: { driver, url } },
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

for (const database of DATABASES) {
  const { driver, recipe } = database;
  const skip = skipsWithoutVectorDbBench || whyNotInstalled(recipe);
  const name = `VectorDBBench finds the same recall in ${driver} in turn`;
  test(name, { skip, timeout: 1_200_000 }, async (t) => {
    const server = await startRecipe(recipe);
    t.after(() => server.stop());
    const url = new URL(server.url);
    const place = { database, url: server.url, folder: writeVectorSet(SET) };
    await database.prepare?.(url);
    for (let turn = 0; turn < TURNS; turn++) {
      const loads = turn === 0;
      const command = database.command(url);
      const theirs = await runVectorDbBench({
        ...SET,
        ...ASKED,
        folder: place.folder,
        database: command,
        loads,
      });
      if (loads) await database.adopt?.(url);
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
}
