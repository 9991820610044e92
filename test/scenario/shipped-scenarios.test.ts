import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { modelOf } from '../../src/load/executors/registry.ts';
import { serverNames } from '../../src/recipes/load-recipe.ts';
import { REPORT_FORMATS } from '../../src/reports/registry.ts';
import { checkScenario } from '../../src/scenario/resolve-scenario.ts';

const ROOT = join(import.meta.dirname, '../..');
const FILES = globSync('scenarios/**/*.yaml', { cwd: ROOT }).toSorted();

const schema = JSON.parse(readFileSync(join(ROOT, 'docs/scenario.schema.json'), 'utf8')) as object;
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

const surroundings = {
  recipes: serverNames(),
  reportFormats: REPORT_FORMATS,
  descriptorLimit: undefined,
};

test('the scenarios of the comparison, the open loop, the smoke test and the sweep are there', () => {
  const names = FILES.map((file) => basename(file, '.yaml'));
  for (const name of [
    'single_query',
    'low_concurrency',
    'medium_concurrency',
    'high_concurrency',
  ]) {
    assert.ok(names.includes(name), name);
  }
  for (const name of ['open_loop', 'smoke', 'sweep']) assert.ok(names.includes(name), name);
});

for (const file of FILES) {
  const path = join(ROOT, file);
  const written = readFileSync(path, 'utf8');
  const source = parse(written) as { profiles?: Record<string, unknown> };

  test(`${file} and each of its profiles have no problem, not even a warning`, async () => {
    for (const profiles of [[], ...Object.keys(source.profiles ?? {}).map((name) => [name])]) {
      const request = { file: path, profiles, environment: {}, surroundings };
      const { scenario, problems } = await checkScenario(request);
      assert.deepEqual(problems, [], profiles.join());
      assert.ok(scenario!.trials.length >= 1);
    }
  });

  test(`${file} says which schema it follows, and follows it`, () => {
    const schemaFile = relative(dirname(path), join(ROOT, 'docs/scenario.schema.json'));
    assert.equal(written.split('\n')[0], `# yaml-language-server: $schema=${schemaFile}`);
    assert.ok(validate(source), JSON.stringify(validate.errors, null, 1));
  });
}

test('the four levels of the comparison ask for the requests that they are compared by', async () => {
  const levels = [
    ['single_query', 1, 1000],
    ['low_concurrency', 4, 5000],
    ['medium_concurrency', 16, 10_000],
    ['high_concurrency', 64, 20_000],
  ] as const;
  for (const [name, vus, iterations] of levels) {
    const file = join(ROOT, 'scenarios', `${name}.yaml`);
    const { scenario } = await checkScenario({ file, environment: {}, surroundings });
    const trial = scenario!.trials[0]!;
    const { load, steps } = trial.flows[0]!;
    assert.deepEqual(load, {
      executor: 'shared-iterations',
      vus,
      iterations,
      gracefulStopNs: 30e9,
      warmup: {
        load: { executor: 'shared-iterations', vus, iterations: 100 },
        iterations: 100,
      },
    });
    assert.equal(steps.length, 1);
    assert.deepEqual(trial.data['texts']!.source, {
      kind: 'text',
      tokens: 32,
      tokenizer: '../servers/models/tokenizer.json',
    });
  }
});

test('every shipped scenario has a smoke profile that ends in time and reports to CI', async () => {
  for (const file of FILES) {
    const request = { file: join(ROOT, file), profiles: ['smoke'], environment: {}, surroundings };
    const { scenario } = await checkScenario(request);
    for (const format of ['junit', 'markdown', 'csv']) {
      assert.ok(scenario!.report.formats.includes(format), `${file}: ${format}`);
    }
    const [trial] = scenario!.trials;
    const targets = Object.values(trial!.targets);
    const connectNs = 1e6 * Math.max(...targets.map((target) => target.connectTimeoutMs));
    for (const { name, load } of trial!.flows) {
      const model = modelOf(load);
      const longestNs = model.kind === 'open' ? model.curve.durationNs : model.durationNs;
      const most = longestNs + load.gracefulStopNs + connectNs;
      assert.ok(most <= 13e9, `${file}: ${name}: ${most / 1e9} s`);
    }
    assert.ok(scenario!.trials.length === 1 || scenario!.between!.stopOnFail, file);
  }
});
