/** What every vector database does through its driver, held against an exact search of our own. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { VectorAbilities } from '../../src/drivers/vocabulary/vectors/vector-schemas.ts';
import { loadDriver, type DriverName } from '../../src/drivers/registry.ts';
import type { Session } from '../../src/drivers/driver.ts';
import type { RunningServer } from '../../src/recipes/start-server.ts';
import { whyNotInstalled } from '../servers/embedding-server.ts';
import { DriverBench, type OperationRecord } from './driver-bench.ts';
import { startRecipe } from './recipe-server.ts';

const ROWS = 400;
const DIMENSION = 16;
const NEAREST = 10;
/** Some official clients ask a server that is gone again for half a minute. */
const GONE_TIMEOUT_MS = 5_000;

export interface DatabaseUnderTest {
  readonly driver: DriverName;
  readonly recipe: string;
  readonly options?: Readonly<Record<string, unknown>>;
  /** An index that finds what an exact search finds among so few rows. */
  readonly index: Readonly<Record<string, unknown>>;
  /** An index with more settings, and what of them its server tells; by `l2`. */
  readonly told: {
    readonly index: Readonly<Record<string, unknown>>;
    readonly kept: Readonly<Record<string, unknown>>;
    /** Where it is made when the rows are there. */
    readonly whenReady?: Readonly<Record<string, unknown>>;
  }[];
  /** An index whose `body` says otherwise than a setting beside it, and the words that it fails with. */
  readonly contradicted: {
    readonly index: Readonly<Record<string, unknown>>;
    readonly words: string;
  };
  readonly search?: Readonly<Record<string, unknown>>;
  readonly metrics: VectorAbilities['metrics'];
  /** A row whose id is there already is refused. */
  readonly refusesDuplicates: boolean;
}

export function testVectorDatabase(under: DatabaseUnderTest): void {
  const skip = whyNotInstalled(under.recipe);
  for (const client of under.driver === 'faiss' ? ['raw'] : ['raw', 'sdk']) {
    describe(`${under.driver}, ${client}, against the real server`, { skip }, () => {
      let database: Database;
      before(async () => (database = await Database.start(under, client)), { timeout: 240_000 });
      after(() => database.stop());

      for (const metric of under.metrics) {
        it(`finds by ${metric} what an exact search finds, filtered too`, async () => {
          const collection = `exact_${metric}`;
          await database.fill(collection, metric);
          for (const query of vectors(5, 1_000)) {
            const all = await database.search(collection, query);
            assert.deepEqual(
              all,
              nearest(metric, query, () => true),
            );
            const filter = { n: { gte: 300 } };
            const some = await database.search(collection, query, { filter, return: ['n'] });
            assert.deepEqual(
              some,
              nearest(metric, query, (row) => row >= 300),
            );
            const hits = database.session.result['hits'] as readonly { id: number; n: unknown }[];
            assert.deepEqual(
              hits.map(({ n }) => n),
              some,
              'the field that was asked for',
            );
          }
          await database.run('drop', { collection });
        });
      }

      it('tells when rows were inserted, searchable and indexed, and counts rows as items', async () => {
        const collection = 'ready_times';
        const { count } = await database.fill(collection, 'l2');
        assert.equal(count, 100, 'rows of the last batch');
        const ready = await database.run('ready', { collection, rows: ROWS });
        assert.equal(ready.outcome, 'ok');
        assert.equal(database.session.result['rows'], ROWS);
        const { slots } = database.bench;
        const times = slots.phases.slice(-3).map((phase) => phase[0]!);
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
          'one state after the other',
        );
        assert.ok(times.every((time) => time > 0 && time <= ready.done - ready.sent));
        const never = await database.run('ready', { collection, rows: ROWS + 1 }, 300);
        assert.equal(never.outcome, 'timeout');
        await database.run('drop', { collection });
      });

      it('replaces and deletes rows', async () => {
        const collection = 'changing';
        await database.fill(collection, 'l2');
        const far = Array.from({ length: DIMENSION }, () => 50);
        const update = { collection, ids: [7], vectors: [far], fields: { n: [7] } };
        assert.equal((await database.run('update', update)).outcome, 'ok');
        assert.deepEqual((await database.search(collection, far, { k: 1 }))[0], 7);
        assert.equal((await database.run('delete', { collection, ids: [7] })).outcome, 'ok');
        assert.notEqual((await database.search(collection, far, { k: 1 }))[0], 7);
        const rest = { collection, filter: { n: { lt: 390 } } };
        assert.equal((await database.run('delete', rest)).outcome, 'ok');
        const left = await database.search(collection, far, { k: 20 });
        assert.deepEqual(
          left.toSorted((a, b) => Number(a) - Number(b)),
          [390, 391, 392, 393, 394, 395, 396, 397, 398, 399],
        );
        await database.run('drop', { collection });
      });

      for (const { index, kept, whenReady } of under.told) {
        it(`tells what it keeps of ${JSON.stringify(index)}`, async () => {
          const collection = 'told';
          const spec = { collection, dimension: DIMENSION, index };
          const { outcome } = await database.run('create', spec);
          assert.equal(outcome, 'ok', JSON.stringify(database.bench.reasons()));
          assert.deepEqual(database.session.result['kept'], kept);
          assert.deepEqual(database.kept(collection) ?? {}, kept);
          if (whenReady !== undefined) {
            await database.fill(collection, 'l2', index);
            assert.deepEqual(database.kept(collection), whenReady);
          }
          await database.run('drop', { collection });
        });
      }

      it('fails to make a collection whose server keeps another setting than was asked for', async () => {
        const { index, words } = under.contradicted;
        const collection = 'contradicted';
        const made = await database.run('create', { collection, dimension: DIMENSION, index });
        assert.equal(made.outcome, 'check_failed');
        assert.ok(Object.hasOwn(database.bench.reasons(), words), words);
        await database.run('drop', { collection });
      });

      it('calls what the server refuses a status_error, and says why', async () => {
        const collection = 'refusals';
        await database.fill(collection, 'l2');
        const before = database.reasonCount();
        const wrong = { collection, vector: [1, 2, 3], k: 3 };
        assert.equal((await database.run('search', wrong)).outcome, 'status_error');
        const again = { collection, dimension: DIMENSION, index: under.index };
        assert.equal((await database.run('create', again)).outcome, 'status_error');
        if (under.refusesDuplicates) {
          const rows = { collection, ids: [0], vectors: [vectors(1, 0)[0]], fields: { n: [0] } };
          assert.equal((await database.run('ingest', rows)).outcome, 'status_error');
        }
        assert.ok(database.reasonCount() >= before + 2);
        await database.run('drop', { collection });
      });

      it('refuses a vector with NaN before anything is sent', () => {
        const spec = { collection: 'any', vector: '{{ row.vector }}' };
        const operation = database.bench.compile({ verb: 'search', spec });
        const row = { vector: Float32Array.of(1, Number.NaN) };
        assert.throws(() => operation.bind({ row }), /number 1 of the vector is NaN/);
      });

      it('calls a search of a collection that was dropped meanwhile a status_error', async () => {
        const collection = 'dropped';
        await database.fill(collection, 'l2');
        const [query] = vectors(1, 1_000);
        await database.search(collection, query!);
        await database.run('drop', { collection });
        const spec = { collection, vector: query, k: 1 };
        assert.equal((await database.run('search', spec)).outcome, 'status_error');
        assert.equal((await database.run('drop', { collection })).outcome, 'ok', 'nothing to drop');
      });

      it('has an outcome for what was under way when the server went', async () => {
        const collection = 'killed';
        await database.fill(collection, 'l2');
        const [query] = vectors(1, 1_000);
        await database.search(collection, query!);
        await database.server.stop();
        const spec = { collection, vector: query, k: 1 };
        const { outcome } = await database.run('search', spec, GONE_TIMEOUT_MS);
        assert.ok(
          ['connection_lost', 'connect_failed', 'rejected', 'timeout'].includes(outcome),
          outcome,
        );
        const rows = { collection, ids: [9_999], vectors: [query], fields: { n: [1] } };
        const ingest = await database.run('ingest', rows, GONE_TIMEOUT_MS);
        assert.notEqual(ingest.outcome, 'ok');
        assert.equal(database.bench.wheel.armed, 0);
      });
    });
  }
}

/** A server of its own with one session. */
class Database {
  readonly server: RunningServer;
  readonly bench: DriverBench;
  readonly session: Session;
  readonly #under: DatabaseUnderTest;

  private constructor(server: RunningServer, bench: DriverBench, under: DatabaseUnderTest) {
    this.server = server;
    this.bench = bench;
    this.session = bench.driver.open(0);
    this.#under = under;
  }

  static async start(under: DatabaseUnderTest, client: string): Promise<Database> {
    const definition = await loadDriver(under.driver);
    const server = await startRecipe(under.recipe);
    const written = { ...under.options, ...(under.driver === 'faiss' ? {} : { client }) };
    const options = definition.targetOptions.parse(written) as Record<string, unknown>;
    const bench = await DriverBench.of(definition, { url: server.url, options });
    const database = new Database(server, bench, under);
    if (await database.session.connect()) return database;
    // Nobody has it yet who would stop its server, without which this process never ends.
    await database.stop();
    throw new Error(`${under.recipe} cannot be reached`);
  }

  async stop(): Promise<void> {
    this.session.close();
    this.bench.close();
    await this.server.stop();
  }

  run(verb: string, spec: unknown, timeoutMs = 60_000): Promise<OperationRecord> {
    return this.bench.run(this.session, { verb, spec, timeoutMs });
  }

  async fill(
    collection: string,
    metric: string,
    index = this.#under.index,
  ): Promise<{ count: unknown }> {
    const fields = { n: 'int' };
    await this.run('drop', { collection });
    const made = await this.run('create', {
      collection,
      dimension: DIMENSION,
      metric,
      index,
      fields,
    });
    assert.equal(made.outcome, 'ok', JSON.stringify(this.bench.reasons()));
    let count: unknown;
    for (let first = 0; first < ROWS; first += 100) {
      const ids = Array.from({ length: 100 }, (_, row) => first + row);
      const rows = { collection, ids, vectors: vectors(100, first), fields: { n: ids } };
      assert.equal(
        (await this.run('ingest', rows)).outcome,
        'ok',
        JSON.stringify(this.bench.reasons()),
      );
      count = this.session.result['count'];
    }
    const ready = await this.run('ready', { collection, rows: ROWS });
    assert.equal(ready.outcome, 'ok', JSON.stringify(this.bench.reasons()));
    return { count };
  }

  async search(
    collection: string,
    vector: readonly number[],
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<readonly unknown[]> {
    const spec = { collection, vector, k: NEAREST, ...this.#under.search, ...more };
    const { outcome } = await this.run('search', spec);
    assert.equal(outcome, 'ok', JSON.stringify(this.bench.reasons()));
    return this.session.result['ids'] as readonly unknown[];
  }

  kept(collection: string): unknown {
    return this.bench.driver.settingsKept!().get(collection);
  }

  reasonCount(): number {
    return Object.values(this.bench.reasons()).reduce((sum, count) => sum + count, 0);
  }
}

/** Rows of irregular small numbers that 32-bit floats hold exactly, none the same as another. */
function vectors(count: number, first: number): number[][] {
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: DIMENSION }, (_unused, column) => {
      const mixed = Math.imul((first + row + 1) * 31 + column * 7919, 2_654_435_761) >>> 20;
      return (mixed - 2_048) / 1_024;
    }),
  );
}

/** Ids of the nearest rows that fit, by distances of 64 bits. */
function nearest(
  metric: string,
  query: readonly number[],
  fits: (row: number) => boolean,
): number[] {
  const rows = vectors(ROWS, 0).map((vector, row) => ({
    row,
    far: distance(metric, query, vector),
  }));
  const near = rows.filter(({ row }) => fits(row)).toSorted((a, b) => a.far - b.far);
  return near.slice(0, NEAREST).map(({ row }) => row);
}

function distance(metric: string, a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  if (metric === 'ip') return -dot(a, b);
  if (metric === 'cosine') return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  return a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0);
}
