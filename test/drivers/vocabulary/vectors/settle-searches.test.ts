import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preparationContent } from '../../../../src/run/runner/preparation/preparation-content.ts';
import { ScenarioFolder } from '../../../scenario/support/scenario-file.ts';

interface Settings {
  readonly driver?: string;
  /** Of `create`. */
  readonly index?: string;
  readonly search?: string;
  readonly collection?: string;
}

function scenario({
  driver = 'chroma',
  index = '',
  search = 'ef: "{{ params.ef }}"',
  collection = 'bench',
}: Settings): string {
  return `version: 1
params: { ef: 64 }
targets: { db: { driver: ${driver}, url: "http://127.0.0.1:8000" } }
data: { queries: { generate: vectors, dimension: 4, rows: 10 } }
prepare:
  - { name: make, create: { collection: ${collection}, dimension: 4, index: { kind: hnsw, ${index} } } }
steps:
  - name: knn
    search: { collection: bench, vector: "{{ queries.vector }}", k: 1, ${search} }
load: { executor: constant-vus, vus: 1, duration: 1s }
sweep: { params.ef: [16, 32] }
`;
}

const SCHEMES: Readonly<Record<string, string>> = { pgvector: 'postgres:', milvus: 'http:' };

for (const driver of ['chroma', 'weaviate']) {
  test(`${driver} keeps ef with the index: a sweep over it makes a collection for each value`, async (t) => {
    for (const index of ['', 'ef: "{{ params.ef }}"']) {
      const folder = new ScenarioFolder(t);
      const { scenario: read, problems } = await folder.check(scenario({ driver, index }));
      assert.deepEqual(problems, []);
      const trials = read!.trials;
      const made = trials.map(({ prepare }) => {
        return (prepare![0]!.steps[0]!.spec as { index: { ef?: number } }).index.ef;
      });
      assert.deepEqual(made, [16, 32]);
      for (const { flows } of trials) assert.ok(!('ef' in (flows[0]!.steps[0]!.spec as object)));
      assert.notEqual(preparationContent(trials[0]!), preparationContent(trials[1]!));
    }
  });
}

test('a server that is told with each search is told so, and the collection is made once', async (t) => {
  const { scenario: read } = await new ScenarioFolder(t).check(scenario({ driver: 'faiss' }));
  const trials = read!.trials;
  assert.equal(preparationContent(trials[0]!), preparationContent(trials[1]!));
  const told = trials.map(({ flows }) => (flows[0]!.steps[0]!.spec as { ef?: number }).ef);
  assert.deepEqual(told, [16, 32]);
});

test('an ef that the collection is not made with has a problem at the search', async (t) => {
  const problems = async (settings: Settings): Promise<string> =>
    (await new ScenarioFolder(t).problems(scenario(settings))).join('\n');
  assert.match(
    await problems({ index: 'ef: 100' }),
    /knn\.search\.ef: this server keeps ef with the index, which is made with 100/,
  );
  assert.match(
    await problems({ collection: 'other' }),
    /knn\.search\.ef: this server keeps ef with the index, and no step of `prepare` makes the collection/,
  );
  assert.match(
    await problems({ search: 'ef: "{{ queries.id }}"' }),
    /knn\.search\.ef: expected? ?.*this server keeps ef with the index: a whole number/,
  );
});

for (const driver of ['pgvector', 'milvus']) {
  test(`${driver} is told with each search: what the collection is made with, unless it says more`, async (t) => {
    const folder = new ScenarioFolder(t);
    const settled = async (settings: Settings) => {
      const { scenario: read, problems } = await folder.check(
        scenario({ ...settings, driver }).replace('http:', SCHEMES[driver]!),
      );
      assert.deepEqual(problems, []);
      const trials = read!.trials;
      assert.equal(preparationContent(trials[0]!), preparationContent(trials[1]!));
      return trials.map(({ flows }) => (flows[0]!.steps[0]!.spec as { ef?: number }).ef);
    };
    assert.deepEqual(await settled({ index: 'ef: "{{ params.ef }}"', search: '' }), [16, 32]);
    assert.deepEqual(await settled({ index: 'ef: 100' }), [16, 32], 'the search says its own');
    assert.deepEqual(await settled({ search: '' }), [undefined, undefined]);
  });
}

test('a collection that is made in two ways leaves no setting for its searches', async (t) => {
  const twice = scenario({ driver: 'milvus', index: 'ef: 100', search: '' }).replace(
    'steps:',
    '  - { name: again, create: { collection: bench, dimension: 4, index: { kind: hnsw, ef: 50 } } }\nsteps:',
  );
  const problems = await new ScenarioFolder(t).problems(twice);
  assert.match(problems.join(), /made with ef 100 and with 50, and this server is told with each/);
});
