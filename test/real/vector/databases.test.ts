/**
 * The whole life of a collection in each of the five databases: made, filled, waited for, searched.
 * An exact index finds what faiss-cpu finds in Python, all of it; another one is swept over how many
 * searches are in flight.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import { readResult } from '../../../src/results/read/read-result.ts';
import type { Result } from '../../../src/results/schema/result.ts';
import type { ResultStorage } from '../../../src/results/schema/storage.ts';
import { whyNotInstalled } from '../../servers/embedding-server.ts';
import { runScenario, temporaryFolder } from '../../support/run-loadgen.ts';

const ROWS = 2_000;
const QUERIES = 100;
const DIMENSION = 32;
const IN_FLIGHT = [1, 4, 16];
const CACHE = process.env['LOADGEN_CACHE'] ?? join(homedir(), '.cache/loadgen');

interface Database {
  readonly driver: string;
  readonly recipe: string;
  /** It keeps its rows in memory alone. */
  readonly inMemory?: true;
  /** Undefined where it has none that is exact. */
  readonly exact?: Readonly<Record<string, unknown>>;
  readonly hnsw: Readonly<Record<string, unknown>>;
  /** Where a search says how hard to look. */
  readonly search?: Readonly<Record<string, unknown>>;
}

const HNSW = { kind: 'hnsw', m: 16, efConstruction: 100 };
const EXACT = { kind: 'flat' };

const DATABASES: readonly Database[] = [
  {
    driver: 'faiss',
    recipe: 'faiss',
    inMemory: true,
    exact: EXACT,
    hnsw: HNSW,
    search: { ef: 128 },
  },
  { driver: 'chroma', recipe: 'chroma', hnsw: { ...HNSW, ef: 128 } },
  {
    driver: 'pgvector',
    recipe: 'postgres-pgvector',
    exact: EXACT,
    hnsw: HNSW,
    search: { ef: 128 },
  },
  { driver: 'weaviate', recipe: 'weaviate', exact: EXACT, hnsw: { ...HNSW, ef: 128 } },
  { driver: 'milvus', recipe: 'milvus', exact: EXACT, hnsw: HNSW, search: { ef: 128 } },
];

/** What must hold of every run, whatever the index. */
const THRESHOLDS = [
  'error_rate == 0%',
  `items{phase:prepare,step:fill} count == ${ROWS}`,
  ...['inserted', 'searchable', 'indexed'].map(
    (state) => `ready_time{phase:prepare,state:${state}} max > 0ms`,
  ),
  'server_memory max > 1MB',
];

let folder: string;

before(() => {
  folder = temporaryFolder();
  writeVectors('base.fbin', ROWS, 0);
  writeVectors('queries.fbin', QUERIES, ROWS);
  const [python] = globSync(join(CACHE, 'faiss-venv-*/bin/python'));
  if (python === undefined) return;
  const files = ['base.fbin', 'queries.fbin', '100', 'nearest.ibin'].map((name) =>
    /^\d+$/.test(name) ? name : join(folder, name),
  );
  const script = join(import.meta.dirname, 'nearest_by_faiss.py');
  const { status, stderr } = spawnSync(python, [script, ...files], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});

/** Irregular numbers that 32-bit floats hold exactly. */
function writeVectors(name: string, rows: number, first: number): void {
  const values = Float32Array.from({ length: rows * DIMENSION }, (_, at) => {
    const mixed = Math.imul(first * DIMENSION + at + 1, 2_654_435_761) >>> 0;
    return (Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519) >>> 12) / 2 ** 19 - 1;
  });
  const header = Buffer.from(Uint32Array.of(rows, DIMENSION).buffer);
  writeFileSync(join(folder, name), Buffer.concat([header, Buffer.from(values.buffer)]));
}

interface Plan {
  readonly index: Readonly<Record<string, unknown>>;
  readonly load: object;
  readonly sweep?: object;
  readonly thresholds: readonly string[];
}

/** Runs it and says what it found; all thresholds hold. */
async function run(t: TestContext, database: Database, plan: Plan): Promise<readonly Result[]> {
  const { driver, recipe, search = {} } = database;
  const collection = 'life';
  const isExact = plan.index === database.exact;
  const scenario = {
    version: 1,
    targets: { db: { driver, server: recipe, monitor: { process: true } } },
    data: {
      docs: { file: join(folder, 'base.fbin'), batch: 200, pick: 'once' },
      queries: {
        file: join(folder, 'queries.fbin'),
        truth: { ids: join(folder, 'nearest.ibin') },
      },
    },
    prepare: [
      { name: 'clear', drop: { collection } },
      { name: 'make', create: { collection, dimension: DIMENSION, index: plan.index } },
      {
        name: 'fill',
        ingest: { collection, ids: '{{ docs.id }}', vectors: '{{ docs.vector }}' },
        load: { vus: 2, iterations: 'all' },
      },
      { name: 'wait', ready: { collection, rows: ROWS }, timeout: '3m' },
    ],
    steps: [
      {
        name: 'knn',
        search: {
          collection,
          vector: '{{ queries.vector }}',
          k: 100,
          ...(isExact ? {} : search),
        },
        score: { 'recall_ids@10': 'queries.truth', 'recall_ids@100': 'queries.truth' },
      },
    ],
    load: plan.load,
    ...(plan.sweep !== undefined && { sweep: plan.sweep }),
    thresholds: [
      ...THRESHOLDS,
      ...(database.inMemory === true ? [] : ['server_disk max > 100KB']),
      ...plan.thresholds,
    ],
  };
  // JSON is YAML.
  const ran = await runScenario(JSON.stringify(scenario));
  assert.ok(ran.summary, ran.errors);
  const { trials } = await readResult(join(ran.folder, ran.summary.folder));
  const results = trials.map(({ result }) => result);
  for (const { thresholds, storage } of results) {
    const [{ rows, disk, perMillion }] = storage as [ResultStorage];
    assert.deepEqual(rows, { prepared: ROWS, end: ROWS });
    assert.equal(disk === null, database.inMemory === true);
    t.diagnostic(`${driver}: per million rows ${JSON.stringify(perMillion)}`);
    for (const { text, status, observed, reason } of thresholds) {
      t.diagnostic(`${driver}: ${text}: ${observed?.value} ${observed?.unit}`);
      assert.equal(status, 'passed', `${text}: ${observed?.value ?? reason}`);
    }
  }
  return results;
}

for (const database of DATABASES) {
  const skip = whyNotInstalled(database.recipe) || whyNotInstalled('faiss');
  describe(database.driver, { skip, timeout: 600_000 }, () => {
    const { exact, hnsw } = database;
    test(
      'an exact index finds all that faiss-cpu finds',
      { skip: exact === undefined && 'it has no exact index' },
      async (t) => {
        await run(t, database, {
          index: exact!,
          load: { executor: 'shared-iterations', vus: 2, iterations: QUERIES },
          thresholds: ['recall_ids@10 min == 1', 'recall_ids@100 min == 1'],
        });
      },
    );

    test('searches more at once, and finds as much', async (t) => {
      const results = await run(t, database, {
        index: hnsw,
        load: { executor: 'constant-vus', vus: 1, duration: '2s' },
        sweep: { 'load.vus': IN_FLIGHT },
        thresholds: ['recall_ids@10 avg > 0.8', 'recall_ids@100 avg > 0.8'],
      });
      assert.equal(results.length, IN_FLIGHT.length);
      for (const [index, { throughput }] of results.entries()) {
        const rate = throughput.operationsPerSecond.toFixed(0);
        t.diagnostic(`${database.driver}: ${IN_FLIGHT[index]} in flight: ${rate}/s`);
      }
    });
  });
}
