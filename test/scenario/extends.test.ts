import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ScenarioFolder, smallScenario } from './support/scenario-file.ts';

function folderWith(context: TestContext, files: Readonly<Record<string, string>>): ScenarioFolder {
  const folder = new ScenarioFolder(context);
  mkdirSync(join(folder.path, 'below'));
  for (const [file, text] of Object.entries(files)) folder.write(file, text);
  return folder;
}

test('a scenario is laid over the one that it extends, and may change anything in it', async (t) => {
  const folder = folderWith(t, {
    'base.yaml': smallScenario(
      'seed: 7\nprofiles: { fast: { load.duration: 1s }, slow: { load.vus: 1 } }',
    ),
  });
  const { scenario, problems } = await folder.check(
    `version: 1
extends: base.yaml
load.vus: 9
steps: { get: { request: { path: /other } } }
targets: { second: { driver: http, url: "http://127.0.0.1:9" } }
steps.get.target: web
profiles: { slow: { load.vus: 2 } }
`,
    { profiles: ['fast', 'slow'] },
  );
  assert.deepEqual(problems, []);
  const [trial] = scenario!.trials;
  const [flow] = trial!.flows;
  assert.equal(trial!.seed, 7);
  assert.equal(trial!.scenario, 'scenario');
  assert.deepEqual(flow!.steps[0]!.spec, { path: '/other' });
  assert.deepEqual(flow!.load, {
    executor: 'constant-vus',
    vus: 2,
    durationNs: 1e9,
    gracefulStopNs: 30e9,
  });
  assert.equal(scenario!.effectiveConfig['extends'], undefined);
});

test('a problem names the file in which the value stands', async (t) => {
  const folder = folderWith(t, {
    'base.yaml': smallScenario().replace('duration: 10s', 'duration: 10'),
  });
  const { problems } = await folder.check('version: 1\nextends: base.yaml\nload: { vus: x }\n');
  assert.deepEqual(
    problems.map(({ file, line, path }) => [file.split('/').at(-1), line, path]),
    [
      ['scenario.yaml', 3, 'load.vus'],
      ['base.yaml', 4, 'load.duration'],
    ],
  );
});

test('data files of a base are relative to the base', async (t) => {
  const folder = folderWith(t, {
    'below/rows.txt': 'one\n',
    'below/base.yaml': `${smallScenario()}data: { rows: { file: rows.txt } }\n`,
  });
  const text = 'version: 1\nextends: below/base.yaml\n';
  const { scenario, problems } = await folder.check(text);
  assert.deepEqual(problems, []);
  const { source } = scenario!.trials[0]!.data['rows']!;
  assert.deepEqual(source, { kind: 'lines', file: 'below/rows.txt' });
});

test('a circle is an error that names the chain', async (t) => {
  const folder = folderWith(t, {
    'a.yaml': 'version: 1\nextends: below/b.yaml\n',
    'below/b.yaml': 'version: 1\nextends: ../scenario.yaml\n',
  });
  const { problems } = await folder.check('version: 1\nextends: a.yaml\n');
  assert.equal(problems.length, 1);
  assert.match(problems[0]!.file, /below\/b\.yaml$/);
  assert.match(
    problems[0]!.message,
    /in a circle: scenario\.yaml → a\.yaml → below\/b\.yaml → scenario\.yaml/,
  );
  assert.match((await folder.problems('extends: scenario.yaml')).join(), /in a circle/);
});

test('bases that are missing, no scenario, too many or no path are problems', async (t) => {
  const chain = Array.from({ length: 10 }, (_, n) => [`c${n}.yaml`, `extends: c${n + 1}.yaml\n`]);
  const folder = folderWith(t, {
    'broken.yaml': 'a: [\n',
    'list.yaml': '- 1\n',
    'empty.yaml': '',
    ...Object.fromEntries(chain),
  });
  for (const [value, expected] of [
    ['nowhere.yaml', /^1:10: extends: .*there is no such file/],
    ['below', /it is not a file/],
    ['list.yaml', /list\.yaml:1:1: a scenario is a map of keys|a scenario is a map of keys/],
    ['empty.yaml', /the file is empty/],
    ['broken.yaml', /./],
    ['[a]', /expected the path of a scenario file/],
    ['""', /expected the path of a scenario file/],
    ['c0.yaml', /extends at most 8 others/],
  ] as const) {
    const { problems, scenario } = await folder.check(`extends: ${value}\nversion: 1\n`);
    assert.equal(scenario, undefined);
    const text = problems.map(
      ({ line, column, path, message }) => `${line}:${column}: ${path}: ${message}`,
    );
    assert.match(text.join('\n'), expected, value);
  }
});

test('the command line cannot change what a file extends', async (t) => {
  const folder = folderWith(t, {});
  const problems = await folder.problems(smallScenario(), { set: ['extends=x.yaml'] });
  assert.match(problems.join(), /a base scenario belongs to the file/);
});
