import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preparationContent } from '../../src/run/runner/preparation/preparation-content.ts';
import { ScenarioFolder, smallScenario } from './support/scenario-file.ts';

const ONCE = 'data: { docs: { inline: [{ id: 1 }, { id: 2 }, { id: 3 }], pick: once } }';

test('a list is cut where a step has a load, and each part has draws and ids of its own', async (t) => {
  const text = smallScenario(`${ONCE}
prepare:
  - { name: a, request: { path: / } }
  - { name: b, request: { path: / } }
  - { name: c, request: { path: "/{{ docs.id }}" }, load: { vus: 2, iterations: all } }
  - { name: d, request: { path: / }, timeout: 20m }
`);
  const { scenario, problems } = await new ScenarioFolder(t).check(text);
  assert.deepEqual(problems, []);
  const parts = scenario!.trials[0]!.prepare!;
  assert.deepEqual(
    parts.map(({ steps }) => steps.map(({ name }) => name)),
    [['a', 'b'], ['c'], ['d']],
  );
  const { load } = parts[1]!;
  assert.ok(load.executor === 'shared-iterations' && load.iterations === 3 && load.vus === 2);
  assert.equal(parts[2]!.steps[0]!.timeoutMs, 20 * 60_000);
  assert.equal(new Set(parts.map(({ seed }) => seed)).size, 3);
});

const WRONG: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
  ['a list without a step', 'prepare: []', /prepare: expected a list of steps/],
  [
    'a warm-up, since nothing of a preparation is left out',
    'prepare: [{ name: a, request: { path: / }, load: { warmup: { iterations: 3 } } }]',
    /prepare\.a\.load\.warmup: unknown key/,
  ],
  [
    '`iterations: all` of rows that do not end',
    'prepare: [{ name: a, request: { path: / }, load: { iterations: all } }]',
    /prepare\.a\.load\.iterations: ends with the rows of a feeder that is read once/,
  ],
  [
    'two steps of one name in a list',
    'cleanUp: [{ name: a, request: { path: / } }, { name: a, request: { path: / }, load: {} }]',
    /cleanUp\.a\.name: there are two steps called "a"/,
  ],
  [
    'an extracted value that is read behind a load',
    `prepare:
  - { name: a, request: { path: / }, extract: { code: status } }
  - { name: b, request: { path: / }, load: {} }
  - { name: c, request: { path: "/{{ steps.a.code }}" } }`,
    /prepare\.c\.request\.path: .*steps/,
  ],
  [
    'a threshold on a phase that the scenario lacks',
    'thresholds: ["error_rate{phase:prepare} == 0%"]',
    /error_rate has no series with phase:prepare/,
  ],
  [
    'a threshold on a step of another list',
    `prepare: [{ name: a, request: { path: / } }]
thresholds: ["response_time{phase:prepare,step:get} max < 1s"]`,
    /response_time has no series with step:get/,
  ],
  [
    'a window outside of the load',
    `prepare: [{ name: a, request: { path: / } }]
thresholds: [{ threshold: "error_rate{phase:prepare} == 0%", window: 5s }]`,
    /window has no meaning here/,
  ],
  [
    'a verdict on a preparation',
    `prepare: [{ name: a, request: { path: / } }]
verdict: ["response_time{phase:prepare} max < 1s"]`,
    /response_time has no series with phase:prepare/,
  ],
];

for (const [what, text, problem] of WRONG) {
  test(`refused: ${what}`, async (t) => {
    const problems = await new ScenarioFolder(t).problems(smallScenario(text));
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0]!, problem);
  });
}

test('a load of its own is a matter of prepare and cleanUp', async (t) => {
  const text = smallScenario().replace('path: / }', 'path: / }, load: { vus: 2 }');
  const problems = await new ScenarioFolder(t).problems(text);
  assert.match(problems.join('\n'), /steps\.get\.load: unknown/);
});

test('overrides and profiles reach steps of the lists by name', async (t) => {
  const text = smallScenario(`
prepare: [{ name: a, request: { path: /x }, load: { vus: 2 } }]
profiles: { small: { prepare.a.load.vus: 1, prepare.a.request.path: /y } }`);
  const { scenario } = await new ScenarioFolder(t).check(text, { profiles: ['small'] });
  const [part] = scenario!.trials[0]!.prepare!;
  assert.deepEqual(part!.steps[0]!.spec, { ...(part!.steps[0]!.spec as object), path: '/y' });
  assert.ok(part!.load.executor === 'shared-iterations' && part!.load.vus === 1);
});

test('the content of a preparation is what its own steps hang on', async (t) => {
  const folder = new ScenarioFolder(t);
  const contents = async (axis: string): Promise<number> => {
    const { scenario, problems } = await folder.check(`version: 1
params: { own: 1, unused: 1, ofData: 1 }
targets:
  web: { driver: http, url: "http://127.0.0.1:8000" }
  other: { driver: http, url: "http://127.0.0.1:8001" }
data:
  docs: { generate: text, tokens: "{{ params.ofData }}", rows: 9 }
  queries: { inline: [{ q: a }] }
prepare:
  - { name: a, target: web, request: { path: "/{{ docs.text }}/{{ params.own }}" } }
steps: [{ name: get, target: other, request: { path: "/{{ queries.q }}/{{ params.unused }}" } }]
load: { executor: constant-vus, vus: 2, duration: 10s }
cleanUp: [{ name: b, target: web, request: { path: / } }]
sweep: { ${axis} }`);
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    return new Set(scenario!.trials.map(preparationContent)).size;
  };
  assert.equal(await contents('load.vus: [1, 2]'), 1);
  assert.equal(await contents('params.unused: [1, 2]'), 1);
  assert.equal(await contents('targets.other.timeout: [1s, 2s]'), 1);
  assert.equal(await contents('cleanUp.b.timeout: [1s, 2s]'), 1);
  assert.equal(await contents('targets.web.labels.gpu: [a, b]'), 1);
  assert.equal(await contents('params.own: [1, 2]'), 2);
  assert.equal(await contents('params.ofData: [1, 2]'), 2);
  assert.equal(await contents('targets.web.timeout: [1s, 2s]'), 2);
  assert.equal(await contents('prepare.a.timeout: [1s, 2s]'), 2);
});
