import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { loadDefinitions } from '../../src/run/runner/load-definitions.ts';
import { heldRows, type StepCounts, type StepsRun } from '../../src/scenario/held-rows.ts';
import { ScenarioFolder } from './support/scenario-file.ts';

const DATA = `
  docs: { generate: vectors, dimension: 4, rows: 1000, batch: 100, pick: once }
  more: { generate: vectors, dimension: 4, rows: 400, batch: 20, firstId: 5000 }
  one: { generate: vectors, dimension: 4, firstId: 7000 }
  some: { generate: vectors, dimension: 4, rows: 400, batch: 20, firstId: 5000, pick: random }
  gone: { generate: vectors, dimension: 4, rows: 200, batch: 10 }`;

const MADE = '{ name: make, create: { collection: bench, dimension: 4, index: { kind: flat } } }';
const FILL = `
  - name: fill
    ingest: { collection: bench, ids: "{{ docs.id }}", vectors: "{{ docs.vector }}" }
    load: { vus: 1, iterations: all }`;

interface Case {
  readonly prepare?: string;
  readonly steps?: string;
  /** Of a step, in the measured phase or in prepare. */
  readonly counts?: Readonly<Record<string, StepCounts>>;
  readonly warmup?: Readonly<Record<string, StepCounts>>;
  readonly isUsed?: true;
}

const NOTHING: StepCounts = { attempted: 0, ok: 0, items: 0 };

function all(attempted: number, items: number): StepCounts {
  return { attempted, ok: attempted, items };
}

async function rowsOf(t: TestContext, given: Case): Promise<readonly unknown[]> {
  const { prepare = `\n  - ${MADE}${FILL}`, steps = '' } = given;
  const { scenario, problems } = await new ScenarioFolder(t).check(`version: 1
targets: { db: { driver: faiss, url: "http://127.0.0.1:8000" } }
data:${DATA}
prepare:${prepare}
steps:
  - name: knn
    search: { collection: bench, vector: [1, 2, 3, 4], k: 1 }${steps}
load: { executor: constant-vus, vus: 1, duration: 10s }
`);
  assert.deepEqual(problems, []);
  const [trial] = scenario!.trials;
  const counts: Readonly<Record<string, StepCounts>> = {
    make: all(1, 1),
    fill: all(10, 1000),
    ...given.counts,
  };
  const run: StepsRun = {
    definitions: await loadDefinitions(scenario!.trials),
    targets: new Set(['db']),
    prepared: (_, { name }) => counts[name] ?? NOTHING,
    loaded:
      given.isUsed === true
        ? undefined
        : (_, { name }) => [given.warmup?.[name] ?? NOTHING, counts[name] ?? NOTHING],
  };
  return heldRows(trial!, run).map(({ prepared, end }) => [prepared, end]);
}

const ADD = `
  - name: add
    ingest: { collection: bench, ids: "{{ more.id }}", vectors: "{{ more.vector }}" }`;
const REMOVE = `
  - { name: remove, delete: { collection: bench, ids: "{{ gone.id }}" } }`;

test('rows are those acknowledged: added less deleted', async (t) => {
  assert.deepEqual(await rowsOf(t, {}), [[1000, 1000]]);
  // One batch of the load was never answered.
  const counts = { add: { attempted: 8, ok: 7, items: 140 }, remove: all(5, 5) };
  assert.deepEqual(await rowsOf(t, { steps: `${ADD}${REMOVE}`, counts }), [[1000, 1090]]);
  // What is generated without a number of rows goes on for ever.
  const one = REMOVE.replace('"{{ gone.id }}"', '["{{ one.id }}"]');
  assert.deepEqual(await rowsOf(t, { steps: one, counts: { remove: all(300, 300) } }), [
    [1000, 700],
  ]);
});

const UNKNOWN: readonly (readonly [why: string, given: Case])[] = [
  ['a feeder came to its end and began anew', { steps: ADD, counts: { add: all(21, 420) } }],
  [
    'warm-up and measured phase added the same rows',
    { steps: ADD, counts: { add: all(2, 40) }, warmup: { add: all(2, 40) } },
  ],
  [
    'rows are picked at random',
    { steps: ADD.replaceAll('more', 'some'), counts: { add: all(2, 40) } },
  ],
  [
    'two steps add rows of one feeder',
    {
      steps: `${ADD}${ADD.replace('add', 'again')}`,
      counts: { add: all(1, 20), again: all(1, 20) },
    },
  ],
  [
    'a filter says what is deleted',
    {
      steps: '\n  - { name: remove, delete: { collection: bench, filter: { id: 1 } } }',
      counts: { remove: all(1, 1) },
    },
  ],
  [
    'items of the step are something else',
    { steps: `${ADD}\n    items: '7'`, counts: { add: all(2, 14) } },
  ],
  ['a trial before this one ran the same load', { steps: ADD, isUsed: true }],
];

for (const [why, given] of UNKNOWN) {
  test(`rows at the end are not known where ${why}`, async (t) => {
    assert.deepEqual(await rowsOf(t, given), [[1000, undefined]]);
  });
}

test('a load that only searches leaves the rows, whatever ran before', async (t) => {
  assert.deepEqual(await rowsOf(t, { isUsed: true }), [[1000, 1000]]);
});

test('no rows are known of a collection that may not have been empty', async (t) => {
  const unknown = [[undefined, undefined]];
  assert.deepEqual(await rowsOf(t, { prepare: FILL }), unknown);
  assert.deepEqual(await rowsOf(t, { prepare: `${FILL}\n  - ${MADE}` }), unknown);
  // It was there already, and the scenario went on.
  const failed = { make: { attempted: 1, ok: 0, items: 0 } };
  assert.deepEqual(await rowsOf(t, { counts: failed }), unknown);
});
