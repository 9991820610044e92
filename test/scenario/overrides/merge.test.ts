import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandLineOverride } from '../../../src/scenario/overrides/command-line.ts';
import { mergeOverride } from '../../../src/scenario/overrides/merge.ts';
import { nestOverride } from '../../../src/scenario/overrides/nest-override.ts';
import { parseYaml } from '../../../src/scenario/source/parse-yaml.ts';
import { placeAt, type SourceMap, toValue } from '../../../src/scenario/source/source-node.ts';

function tree(text: string): SourceMap {
  const { root, problems } = parseYaml(text);
  assert.deepEqual(problems, []);
  return root as SourceMap;
}

function merged(base: string, override: string): { value: unknown; problems: string[] } {
  const nested = nestOverride(tree(override));
  const { merged, problems } = mergeOverride(tree(base), nested.override);
  return {
    value: toValue(merged),
    problems: [...nested.problems, ...problems].map(
      ({ path, message, hint }) => `${path.join('.')}: ${message}${hint ? ` (${hint})` : ''}`,
    ),
  };
}

const BASE = `
params: { tokens: 32 }
targets: { db: { driver: http, url: "http://a", headers: { x: 1 } } }
steps:
  - { name: knn, search: { k: 10, ef: 64 } }
  - { name: insert, search: { k: 1 } }
load: { executor: constant-vus, vus: 4, duration: 10s, warmup: { duration: 5s } }
thresholds: [a, b]
`;

test('maps merge, scalars and lists replace, null removes', () => {
  const { value, problems } = merged(
    BASE,
    '{ load: { vus: 8, warmup: null }, thresholds: [c], targets.db.headers: { y: 2 } }',
  );
  assert.deepEqual(problems, []);
  const result = value as Record<string, Record<string, unknown>>;
  assert.deepEqual(result['load'], { executor: 'constant-vus', vus: 8, duration: '10s' });
  assert.deepEqual(result['thresholds'], ['c']);
  assert.deepEqual(result['targets'], {
    db: { driver: 'http', url: 'http://a', headers: { x: 1, y: 2 } },
  });
});

test('items of a list are reached by their names, dotted or nested', () => {
  for (const override of [
    '{ steps.knn.search.ef: 128 }',
    '{ steps: { knn: { search: { ef: 128 } } } }',
  ]) {
    const { value, problems } = merged(BASE, override);
    assert.deepEqual(problems, []);
    assert.deepEqual((value as { steps: unknown }).steps, [
      { name: 'knn', search: { k: 10, ef: 128 } },
      { name: 'insert', search: { k: 1 } },
    ]);
  }
});

test('null removes a named item', () => {
  const { value } = merged(BASE, '{ steps.knn: null }');
  assert.deepEqual((value as { steps: unknown }).steps, [{ name: 'insert', search: { k: 1 } }]);
});

test('an override that names an executor replaces the whole load block', () => {
  const { value } = merged(BASE, '{ load.executor: shared-iterations, load.iterations: 50 }');
  assert.deepEqual((value as { load: unknown }).load, {
    executor: 'shared-iterations',
    iterations: 50,
  });
});

test('names that are not there are refused with the nearest one', () => {
  assert.deepEqual(merged(BASE, '{ steps.kn.search.ef: 1 }').problems, [
    'steps.kn: no item of this list is called kn (did you mean knn?)',
  ]);
  assert.deepEqual(merged(BASE, '{ params.token: 1 }').problems, [
    'params.token: there is no param called token to override (did you mean tokens?)',
  ]);
  assert.deepEqual(merged(BASE, '{ targets.bd.url: x }').problems, [
    'targets.bd: there is no target called bd to override (known: db)',
  ]);
  assert.deepEqual(merged(BASE, '{ thresholds.a: 1 }').problems, [
    'thresholds.a: the items of this list have no names (Give the whole list instead.)',
  ]);
});

test('a target that is complete may be new', () => {
  const { value, problems } = merged(BASE, '{ targets.second: { driver: http, url: "http://b" } }');
  assert.deepEqual(problems, []);
  assert.deepEqual(Object.keys((value as { targets: object }).targets), ['db', 'second']);
});

test('one override may set a block and a path in it, but no path twice', () => {
  assert.deepEqual(merged(BASE, '{ load: { vus: 2 }, load.duration: 1s }').problems, []);
  assert.deepEqual(merged(BASE, '{ load: { vus: 2 }, load.vus: 3 }').problems, [
    'load.vus: this override sets it twice',
  ]);
});

test('what decides over the file itself cannot be overridden', () => {
  for (const key of ['version', 'extends', 'profiles.x']) {
    assert.match(merged(BASE, `{ ${key}: 1 }`).problems[0]!, /cannot be overridden/);
  }
  assert.match(merged(BASE, '{ load..vus: 1 }').problems[0]!, /not a path/);
});

test('the command line is read like YAML, {{ }} as text, and URLs as they are', () => {
  const { override, problems } = commandLineOverride({
    set: [
      'load.vus=8',
      'load.stages=[{ to: 5/s, duration: 1s }]',
      'data.texts.tokens={{ params.tokens }}',
      'load.warmup=null',
      'name="8"',
    ],
    targets: ['db=http://127.0.0.1:80/?a=b#c'],
    seed: 7,
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(toValue(override), {
    load: { vus: 8, stages: [{ to: '5/s', duration: '1s' }], warmup: null },
    data: { texts: { tokens: '{{ params.tokens }}' } },
    name: '8',
    targets: { db: { url: 'http://127.0.0.1:80/?a=b#c' } },
    seed: 7,
  });
});

test('a value from the command line stands where what it overrides stands, and names itself', () => {
  const base = tree(BASE);
  const { override } = commandLineOverride({ set: ['load.vus=x', 'load.unknown=1'], targets: [] });
  const { merged: root } = mergeOverride(base, override);
  const { line, column } = placeAt(base, ['load', 'vus']);
  assert.deepEqual(placeAt(root, ['load', 'vus']), { line, column, override: '--set load.vus=x' });
  assert.equal(placeAt(root, ['load', 'unknown'], true).override, '--set load.unknown=1');
  assert.equal(placeAt(root, ['load', 'unknown'], true).line, placeAt(base, ['load']).line);
});

test('settings that are none are refused', () => {
  const wrong = ['load.vus', '=4', 'load.vus=[1', '.=1'];
  const { problems } = commandLineOverride({ set: wrong, targets: ['http://x', 'a.b=http://x'] });
  assert.equal(problems.length, wrong.length + 2);
  for (const problem of problems) assert.ok(problem.place.override, problem.message);
});

test('a secret on the command line is not repeated', () => {
  const { override } = commandLineOverride({
    set: ['targets.db.headers.authorization=Bearer abc'],
    targets: [],
  });
  assert.doesNotMatch(JSON.stringify([...override.entries.values()].map((e) => e.key)), /abc/);
});
