/** Vector databases that go away, lose a collection or refuse rows while they are under load. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it, type TestContext } from 'node:test';
import type { RunningServer } from '../../src/recipes/start-server.ts';
import { whyNotInstalled } from '../servers/embedding-server.ts';
import { startRecipe } from '../support/recipe-server.ts';
import { runScenario, type SavedAccount, type ScenarioRun } from '../support/run-loadgen.ts';

interface Database {
  readonly name: 'faiss' | 'chroma';
  /** Rows that the server counts in the collection; 0 while there is none. */
  rows(url: string): Promise<number>;
  drop(url: string): Promise<void>;
  /** Of a row whose id is there already. */
  readonly duplicates: 'ok' | 'status_error';
}

const CHROMA_PATH = '/api/v2/tenants/default_tenant/databases/default_database/collections';

const DATABASES: readonly Database[] = [
  {
    name: 'faiss',
    async rows(url) {
      const { rows = 0 } = (await answerOf(`${url}/collections/bench`)) as { rows?: number };
      return rows;
    },
    async drop(url) {
      await fetch(`${url}/collections/bench`, { method: 'DELETE' });
    },
    duplicates: 'status_error',
  },
  {
    name: 'chroma',
    async rows(url) {
      const { id } = (await answerOf(`${url}${CHROMA_PATH}/bench`)) as { id?: string };
      return id === undefined ? 0 : Number(await answerOf(`${url}${CHROMA_PATH}/${id}/count`));
    },
    async drop(url) {
      await fetch(`${url}${CHROMA_PATH}/bench`, { method: 'DELETE' });
    },
    duplicates: 'ok',
  },
];

async function answerOf(url: string): Promise<unknown> {
  try {
    return await (await fetch(url)).json();
  } catch {
    return {};
  }
}

/** Load without end, until failures end it. */
function endlessLoad(driver: string, url: string): string {
  return `
version: 1
targets: { db: { driver: ${driver}, url: "${url}", timeout: 5s, connectTimeout: 2s } }
data:
  docs: { generate: vectors, dimension: 8, rows: 300, batch: 100, pick: once }
  more: { generate: vectors, dimension: 8, rows: 10000000, firstId: 1000, batch: 2 }
prepare:
  - { name: clear, drop: { collection: bench } }
  - { name: make, create: { collection: bench, dimension: 8 } }
  - name: fill
    ingest: { collection: bench, ids: "{{ docs.id }}", vectors: "{{ docs.vector }}" }
    load: { vus: 1, iterations: all }
flows:
  ingest:
    steps:
      - name: add
        ingest: { collection: bench, ids: "{{ more.id }}", vectors: "{{ more.vector }}" }
    load: { executor: constant-vus, vus: 2, duration: 90s, gracefulStop: 6s }
  search:
    steps:
      - { name: knn, search: { collection: bench, vector: [1, 0, 0, 0, 0, 0, 0, 0], k: 5 } }
    load: { executor: constant-vus, vus: 2, duration: 90s, gracefulStop: 6s }
thresholds:
  - { threshold: "error_rate < 1%", abortOnFail: true }
`;
}

function assertBalanced({ code, errors, result }: ScenarioRun): SavedAccount {
  assert.notEqual(code, 109, errors);
  const { measure } = result.accounts;
  const ends = Object.values(measure.operations).reduce((sum, count) => sum + count, 0);
  assert.equal(measure.attempted, ends, JSON.stringify(measure));
  assert.equal(measure.inFlight, 0);
  return measure;
}

function outcomesOf({ operations }: SavedAccount): string[] {
  return Object.keys(operations).filter((outcome) => operations[outcome]! > 0);
}

/** Waits until the load has written rows of its own. */
async function untilLoaded({ rows }: Database, url: string): Promise<void> {
  for (let look = 0; look < 1_200; look++) {
    if ((await rows(url)) > 310) return;
    await sleep(50);
  }
  assert.fail('no row was written in a minute');
}

async function serverOf(t: TestContext, name: string): Promise<RunningServer> {
  const server = await startRecipe(name);
  t.after(() => server.stop());
  return server;
}

for (const database of DATABASES) {
  const { name } = database;
  describe(`${name} under load`, { skip: whyNotInstalled(name) }, () => {
    it('is killed in the middle of writes and searches: each operation has its end', async (t) => {
      const server = await serverOf(t, name);
      const running = runScenario(endlessLoad(name, server.url));
      await untilLoaded(database, server.url);
      await server.stop();
      const run = await running;
      const measure = assertBalanced(run);
      assert.ok(run.code === 99 || run.code === 90, run.errors);
      assert.ok((measure.operations['ok'] ?? 0) > 0);
      const bad = outcomesOf(measure).filter((one) => one !== 'ok');
      assert.ok(bad.includes('connection_lost') || bad.includes('connect_failed'), bad.join());
      const known = ['connection_lost', 'connect_failed', 'timeout', 'interrupted', 'rejected'];
      assert.deepEqual(
        bad.filter((one) => !known.includes(one)),
        [],
      );
      assert.ok(run.result.failureReasons.length > 0, 'and says why');
    });

    it('loses its collection: what follows is a status_error that names it', async (t) => {
      const server = await serverOf(t, name);
      const running = runScenario(endlessLoad(name, server.url));
      await untilLoaded(database, server.url);
      await database.drop(server.url);
      const run = await running;
      const measure = assertBalanced(run);
      const bad = outcomesOf(measure).filter((one) => one !== 'ok' && one !== 'interrupted');
      assert.deepEqual(bad, ['status_error']);
      assert.ok(run.result.failureReasons.some(({ reason }) => /404/.test(reason)));
    });

    it('is given a wrong dimension and an id twice: each ends as the server says', async (t) => {
      const server = await serverOf(t, name);
      const run = await runScenario(refusedRows(name, server.url));
      const { operations } = assertBalanced(run);
      const refused = database.duplicates === 'ok' ? 20 : 30;
      assert.deepEqual(
        [operations['ok'] ?? 0, operations['status_error'] ?? 0],
        [30 - refused, refused],
        JSON.stringify(run.result.failureReasons),
      );
    });

    it('is not sent a vector with NaN: the run ends and says which', async (t) => {
      const server = await serverOf(t, name);
      const { code, errors } = await runScenario(nanSearch(name, server.url));
      assert.equal(code, 104, errors);
      assert.match(
        errors,
        /template vector of step "knn" failed on row 1 of "queries": number 1 of the vector is NaN/,
      );
    });
  });
}

function refusedRows(driver: string, url: string): string {
  return `
version: 1
targets: { db: { driver: ${driver}, url: "${url}" } }
prepare:
  - { name: make, create: { collection: bench, dimension: 4 } }
  - { name: fill, ingest: { collection: bench, ids: [1, 2], vectors: [[1, 0, 0, 0], [0, 1, 0, 0]] } }
steps:
  - name: add
    ingest: { collection: bench, ids: [3], vectors: [[1, 2, 3]] }
    onFail: continue
  - name: knn
    search: { collection: bench, vector: [1, 2, 3, 4, 5], k: 1 }
    onFail: continue
  - { name: twice, ingest: { collection: bench, ids: [1], vectors: [[1, 0, 0, 0]] } }
load: { executor: shared-iterations, vus: 2, iterations: 10 }
`;
}

function nanSearch(driver: string, url: string): string {
  return `
version: 1
targets: { db: { driver: ${driver}, url: "${url}" } }
data: { queries: { inline: [{ vector: [1, "NaN", 3, 4] }] } }
prepare: [{ name: make, create: { collection: bench, dimension: 4 } }]
steps: [{ name: knn, search: { collection: bench, vector: "{{ queries.vector }}", k: 1 } }]
load: { executor: shared-iterations, vus: 1, iterations: 3 }
`;
}
