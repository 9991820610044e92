/** What servers take for their rows, beside the load and in the result. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { IntervalRow } from '../../src/results/schema/interval-row.ts';
import type { Result } from '../../src/results/schema/result.ts';
import type { ResultStorage } from '../../src/results/schema/storage.ts';
import { whyNotInstalled } from '../servers/embedding-server.ts';
import { runScenario, startLoadgen, type ScenarioRun } from '../support/run-loadgen.ts';

const ROWS = 2_000;
const ADDED = 50;

interface Database {
  readonly driver: string;
  readonly recipe: string;
  readonly rest: string;
}

function scenarioOf({ driver, recipe, rest }: Database): string {
  return `
version: 1
params: { m: 8 }
targets: { db: { driver: ${driver}, server: ${recipe}, monitor: { process: true } } }
data:
  docs: { generate: vectors, dimension: 32, rows: ${ROWS}, batch: 200, pick: once }
  more: { generate: vectors, dimension: 32, rows: ${ADDED}, batch: 10, pick: once, firstId: 9000 }
  queries: { generate: vectors, dimension: 32, rows: 20 }
prepare:
  - name: make
    create: { collection: kept, dimension: 32, index: { kind: hnsw, m: "{{ params.m }}" } }
  - name: fill
    ingest: { collection: kept, ids: "{{ docs.id }}", vectors: "{{ docs.vector }}" }
    load: { vus: 1, iterations: all }
  - { name: wait, ready: { collection: kept, rows: ${ROWS} } }
flows:
  search:
    steps: [{ name: knn, search: { collection: kept, vector: "{{ queries.vector }}", k: 5 } }]
    load: { executor: constant-vus, vus: 1, duration: 1s }
  add:
    steps:
      - name: add
        ingest: { collection: kept, ids: "{{ more.id }}", vectors: "{{ more.vector }}" }
    load: { executor: shared-iterations, vus: 1, iterations: all }
cleanUp: [{ name: drop, drop: { collection: kept } }]
thresholds: ["server_disk max < 10GB", "server_disk last > 1KB", "server_memory max > 1MB"]
${rest}
`;
}

function resultOf(run: ScenarioRun, trial: number): Result {
  const { folder } = run.summary.trials[trial]!;
  return JSON.parse(readFileSync(join(run.folder, folder, 'result.json'), 'utf8')) as Result;
}

function assertFilled({ memory, disk, rows }: ResultStorage, end: number | null): void {
  assert.deepEqual(rows, { prepared: ROWS, end });
  assert.ok(memory.before! > 1e6 && memory.prepared! > 1e6 && memory.end! > 1e6);
  assert.ok(memory.peak! >= Math.max(memory.before!, memory.prepared!, memory.end!));
  assert.ok(disk!.prepared! > disk!.before!, 'its rows are on the disk');
  assert.ok(disk!.peak! >= Math.max(disk!.prepared!, disk!.end!));
}

const CHROMA = { driver: 'chroma', recipe: 'chroma' };

test(
  'what rows take is told for the first that a server holds, and not by what others left',
  { skip: whyNotInstalled('chroma') },
  async () => {
    const run = await runScenario(scenarioOf({ ...CHROMA, rest: 'sweep: { params.m: [8, 16] }' }));
    assert.equal(run.code, 0, run.errors + run.output);
    const [first, second] = [resultOf(run, 0), resultOf(run, 1)];
    assert.deepEqual(
      first.serverLooks!.map(({ kind, failures }) => [kind, failures]),
      [
        ['process', 0],
        ['disk', 0],
      ],
    );
    const [own] = first.storage!;
    assert.equal(own!.target, 'db');
    assert.deepEqual(own!.collections, [{ collection: 'kept', ...own!.rows }]);
    assertFilled(own!, ROWS + ADDED);
    const { memory, disk, perMillion } = own!;
    const grown = (levels: ResultStorage['memory']): number => levels.prepared! - levels.before!;
    assert.equal(perMillion!.memory, (grown(memory) / ROWS) * 1e6);
    assert.equal(perMillion!.disk, (grown(disk!) / ROWS) * 1e6);
    assertFilled(second.storage![0]!, ROWS + ADDED);
    assert.equal(second.storage![0]!.perMillion, null);

    const folder = join(run.folder, run.summary.trials[0]!.folder);
    const rows = readFileSync(join(folder, 'intervals.ndjson'), 'utf8').trim().split('\n');
    const gauges = rows.map((row) => (JSON.parse(row) as IntervalRow).gauges);
    const levels = gauges.flatMap((each) =>
      Object.entries(each).flatMap(([name, level]) => (/^server_disk\b/.test(name) ? [level] : [])),
    );
    assert.ok(levels.length > 0 && levels.every((level) => Number(level) > 0));
    const report = await startLoadgen(['report', folder], {}).ended;
    assert.match(report.output, /Storage of db\n {2}rows {10}2,000 when the load began, 2,050 at/);
    assert.match(report.output, /extrapolated from 2,000\s+rows/);
  },
);

describe(
  'trials that share what was prepared',
  { skip: whyNotInstalled('postgres-pgvector') },
  () => {
    test('have its figures in common, and know their rows no more once one has written', async () => {
      const database = { driver: 'pgvector', recipe: 'postgres-pgvector' };
      const run = await runScenario(scenarioOf({ ...database, rest: 'trials: { repeat: 2 }' }));
      assert.ok(run.summary.trials.length === 2, run.errors + run.output);
      const [first, second] = [0, 1].map((trial) => resultOf(run, trial).storage![0]!);
      assertFilled(first!, ROWS + ADDED);
      assert.ok(first!.perMillion!.disk! > 0);
      assertFilled(second!, null);
      assert.deepEqual(second!.perMillion, first!.perMillion);
      const { before, prepared } = first!.memory;
      assert.deepEqual([second!.memory.before, second!.memory.prepared], [before, prepared]);
    });
  },
);
