/** What loadgen says of the answers of a vector database that is not what the scenario says it is. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { RunningServer } from '../../src/recipes/start-server.ts';
import type { Result } from '../../src/results/schema/result.ts';
import { whyNotInstalled } from '../servers/embedding-server.ts';
import { startRecipe } from '../support/recipe-server.ts';
import { assertEnded, runScenario } from '../support/run-loadgen.ts';

const LIVE_DATA = `data:
  base: { generate: vectors, dimension: 16, rows: 3000, batch: 500, pick: once }
  more: { generate: vectors, dimension: 16, rows: 3000, firstId: 10000, batch: 5, pick: once }
  newer: { generate: vectors, dimension: 16, rows: 1000, batch: 5 }
  gone: { generate: vectors, dimension: 2, rows: 500, firstId: 2000, batch: 5 }
  queries:
    generate: vectors
    dimension: 16
    rows: 40
    truth: { exactOver: [base, more, newer], present: base, metric: l2, k: 100 }
`;

const LIVE_FLOWS = `flows:
  search:
    steps:
      - name: knn
        search: { collection: bench, vector: "{{ queries.vector }}", k: 10 }
        score:
          recall@10: { of: queries.truth, target: 0.99 }
          recall_ids@10: queries.truth
    load: { executor: per-vu-iterations, vus: 2, iterations: 150 }
  add:
    steps:
      - name: add
        ingest: { collection: bench, ids: "{{ more.id }}", vectors: "{{ more.vector }}" }
    load: { executor: constant-arrival-rate, rate: 40/s, duration: 2s, maxInFlight: 4 }
  change:
    steps:
      - name: update
        update: { collection: bench, ids: "{{ newer.id }}", vectors: "{{ newer.vector }}" }
      - name: remove
        delete: { collection: bench, ids: "{{ gone.id }}" }
    load: { executor: constant-arrival-rate, rate: 20/s, duration: 2s, maxInFlight: 2 }
thresholds:
  - error_rate == 0%
  - recall@10 min == 1
  - below_target count == 0
  - deleted_ids@10 count == 0
  - recall@10 count == 300
  - recall_ids@10 count == 300
  # Of rows that are as far but for rounding the index may find the other one.
  - recall_ids@10 avg >= 0.995
`;

interface Changes {
  readonly metric?: string;
  readonly index?: string;
  /** CEL over `docs.id`, the list of ids of a batch. */
  readonly ids?: string;
  readonly search?: string;
  readonly step?: string;
  readonly rest?: string;
}

describe('the quality of answers of FAISS', { skip: whyNotInstalled('faiss') }, () => {
  let server: RunningServer;
  before(async () => (server = await startRecipe('faiss')), { timeout: 60_000 });
  after(() => server.stop());

  const scenarioOf = (changes: Changes = {}): string => `
version: 1
seed: 7
params: { effort: 1 }
targets: { db: { driver: faiss, url: "${server.url}" } }
data:
  docs: { generate: vectors, dimension: 16, rows: 3000, batch: 500, pick: once }
  queries:
    generate: vectors
    dimension: 16
    rows: 40
    truth: { exactOver: docs, metric: l2, k: 20 }
prepare:
  - { name: clear, drop: { collection: bench } }
  - name: make
    create: { collection: bench, dimension: 16, metric: ${changes.metric ?? 'l2'}, index: ${changes.index ?? '{ kind: flat }'} }
  - name: ingest
    ingest: { collection: bench, ids: "{{ ${changes.ids ?? 'docs.id'} }}", vectors: "{{ docs.vector }}" }
    load: { vus: 1, iterations: all }
  - { name: wait, ready: { collection: bench, rows: 3000 } }
steps:
  - name: knn
    search: { collection: bench, vector: "{{ queries.vector }}", k: 10 ${changes.search ?? ''} }
    score: { recall@10: queries.truth }
${changes.step ?? ''}
load: { executor: shared-iterations, vus: 2, iterations: 80 }
${changes.rest ?? ''}
`;

  it('says nothing of an exact index that finds the nearest rows', async () => {
    const rest = 'thresholds: ["recall@10 min == 1", "recall@10 count == 80"]';
    const run = await runScenario(scenarioOf({ rest }));
    assert.equal(run.code, 0, run.output + run.errors);
  });

  it('ends with an error where ids are off by one, and says by how much', async () => {
    const run = await runScenario(scenarioOf({ ids: 'docs.id.map(id, id + 1)' }));
    assert.equal(run.code, 90, run.output + run.errors);
    const { notes } = run.result as unknown as Result;
    assert.ok(
      notes.some((note) =>
        /step "knn" searches is exact, and recall@10 .*ids are those of the ground truth \+ 1/.test(
          note,
        ),
      ),
      notes.join('\n'),
    );
  });

  it('ends with an error where the index compares by another metric', async () => {
    const run = await runScenario(scenarioOf({ metric: 'ip' }));
    assert.equal(run.code, 90, run.output + run.errors);
    assert.match(run.output, /another metric than the ground truth/);
  });

  it('believes a scenario that says the index is not exact', async () => {
    const run = await runScenario(scenarioOf({ metric: 'ip', step: '    exact: false' }));
    assert.equal(run.code, 0, run.output + run.errors);
  });

  const liveScenario = (): string =>
    scenarioOf({ ids: 'base.id' })
      .replace(/data:[^]*prepare:/, `${LIVE_DATA}prepare:`)
      .replace('docs.vector', 'base.vector')
      .replace(/steps:\n {2}- name: knn[^]*/, LIVE_FLOWS);

  it('scores nothing by rows that a trial before may have changed', async () => {
    const load = liveScenario().replace(/thresholds:[^]*/, 'trials: { repeat: 2 }\n');
    const run = await runScenario(load.replaceAll('duration: 2s', 'duration: 200ms'));
    const scored = run.summary.trials.map(({ folder }) => {
      const text = readFileSync(join(run.folder, folder, 'result.json'), 'utf8');
      const { series } = JSON.parse(text) as Result;
      const unknown = series.find(({ tags }) => tags['reason'] === 'writes_unknown');
      const hasRecall = series.some(({ metric }) => metric === 'recall@10');
      return { hasRecall, unknown: unknown?.value ?? 0 };
    });
    assert.deepEqual(scored, [
      { hasRecall: true, unknown: 0 },
      { hasRecall: false, unknown: 300 },
    ]);
  });

  it('finds an exact index exact while rows are added, replaced and deleted by other threads', async () => {
    const run = await runScenario(liveScenario(), { args: ['--workers', '2'] });
    assertEnded(run, 0);
    const { thresholds, notes } = run.result as unknown as Result;
    const missed = thresholds.filter(({ status }) => status !== 'passed');
    assert.deepEqual(missed, [], notes.join('\n'));
  });

  it('ends a sweep over a setting that the index does not know with an error', async () => {
    const search = ', ef: "{{ params.effort }}"';
    const index = '{ kind: ivf-flat, lists: 32, nprobe: 1 }';
    const rest = 'sweep: { params.effort: [16, 64, 256] }';
    const run = await runScenario(scenarioOf({ search, index, rest }));
    assert.equal(run.code, 90, run.output + run.errors);
    assert.match(
      run.errors,
      /setting ef had no effect: with 16 and with 256 step "knn" was answered the same to all of 40/,
    );
  });

  it('says nothing of a sweep over a setting that has an effect, or over a saturated one', async () => {
    const index = '{ kind: ivf-flat, lists: 32 }';
    const rest = 'sweep: { params.effort: [1, 4] }';
    const works = await runScenario(
      scenarioOf({ search: ', nprobe: "{{ params.effort }}"', index, rest }),
    );
    assert.equal(works.code, 0, works.output + works.errors);
    const flat = scenarioOf({ search: ', ef: "{{ params.effort }}"', rest });
    const saturated = await runScenario(flat);
    assert.equal(saturated.code, 0, saturated.output + saturated.errors);
  });
});
