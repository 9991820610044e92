import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ERROR_TABLE } from '../../src/base/errors/error-table.ts';
import { EXIT_CODES } from '../../src/base/errors/exit-codes.ts';
import { DRIVER_NAMES, loadDriver } from '../../src/drivers/registry.ts';
import { stepKeys } from '../../src/iteration/step-schema.ts';
import { EXECUTORS } from '../../src/load/executors/registry.ts';
import { composedSchema } from '../../src/scenario/schema/composed-schema.ts';
import { isLaterKey, LATER_WORDS } from '../../src/scenario/schema/later-words.ts';
import { targetKeys } from '../../src/scenario/schema/target-schema.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const drivers = await Promise.all(DRIVER_NAMES.map(loadDriver));

test('the generated pages are what the code says now', () => {
  const script = join(ROOT, 'scripts/generate-docs.ts');
  const { status, stdout } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stdout);
});

test('every error of the table is on its page with its exit code, and no other', () => {
  const rows = [...read('docs/errors.md').matchAll(/^\| `([A-Z_]+)`\s*\| (\d+)/gm)];
  const listed = Object.fromEntries(rows.map(([, name, exit]) => [name, Number(exit)]));
  const expected = Object.entries(ERROR_TABLE).map(([name, { exit }]) => [name, EXIT_CODES[exit]]);
  assert.deepEqual(listed, Object.fromEntries(expected));
});

test('the reference page has every key, verb, executor and metric', () => {
  const page = read('docs/scenario.md');
  const rows = new Set(
    [...page.matchAll(/^\| [*`]*([a-zA-Z0-9_]+)[*`]*\s+\|/gm)].map(([, key]) => key),
  );
  const keys = [
    ...Object.keys(composedSchema({ drivers, reportFormats: [] }).shape),
    ...Object.keys(targetKeys),
    ...Object.keys(stepKeys),
    ...Object.values(EXECUTORS).flatMap(({ keys }) => Object.keys(keys)),
    ...drivers.flatMap(({ phases }) => phases.map(({ name }) => name)),
    ...drivers.flatMap(({ verbs }) =>
      Object.values(verbs).flatMap(({ resultFields }) => Object.keys(resultFields)),
    ),
  ];
  for (const key of keys) assert.ok(rows.has(key), key);
  for (const name of Object.keys(EXECUTORS)) assert.ok(page.includes(`### \`${name}\``), name);
  for (const { name, verbs } of drivers) {
    for (const verb of Object.keys(verbs))
      assert.ok(page.includes(`### ${name}: \`${verb}\``), verb);
  }
});

test('no driver has a verb that is called like a key of every step, nor such target options', () => {
  for (const { verbs, targetOptions } of drivers) {
    for (const verb of Object.keys(verbs)) assert.ok(!Object.hasOwn(stepKeys, verb), verb);
    for (const key of Object.keys(targetOptions.shape)) {
      assert.ok(!Object.hasOwn(targetKeys, key) && key !== 'driver', key);
    }
  }
});

test('no word that this version has is listed as one of a later version', () => {
  for (const key of Object.keys(stepKeys)) assert.ok(!isLaterKey('steps.any', key), key);
  for (const { keys } of Object.values(EXECUTORS)) {
    for (const key of Object.keys(keys)) assert.ok(!isLaterKey('load', key), key);
  }
  for (const word of [...Object.keys(EXECUTORS), ...DRIVER_NAMES]) {
    assert.ok(!LATER_WORDS.includes(word), word);
  }
  for (const { verbs } of drivers) {
    for (const verb of Object.keys(verbs)) assert.ok(!isLaterKey('steps.any', verb), verb);
  }
});

const validate = new Ajv2020({ strict: false }).compile(
  JSON.parse(read('docs/scenario.schema.json')) as object,
);
const scenario = (load: object, more: object = {}) => ({
  version: 1,
  targets: { web: { driver: 'http', url: 'http://a' } },
  steps: [{ name: 'get', request: { path: '/' } }],
  load,
  ...more,
});

test('the JSON Schema takes templates where numbers and durations stand', () => {
  const load = { executor: 'constant-vus', vus: '{{ params.n }}', duration: '${SECONDS:-5}s' };
  assert.ok(validate(scenario(load)), JSON.stringify(validate.errors));
});

test('the JSON Schema refuses unknown keys, words, units and missing keys', () => {
  const load = { executor: 'constant-vus', vus: 1, duration: '5s' };
  assert.ok(validate(scenario(load)));
  assert.ok(!validate(scenario({ ...load, vuss: 1 })));
  assert.ok(!validate(scenario({ ...load, vus: 'x' })));
  assert.ok(!validate(scenario({ ...load, duration: 5 })));
  assert.ok(!validate(scenario({ ...load, executor: 'constant' })));
  assert.ok(!validate(scenario(load, { colour: 1 })));
  assert.ok(!validate(scenario(load, { steps: [{ request: {} }] })));
  assert.ok(!validate(scenario(load, { targets: { web: { driver: 'htpt' } } })));
});
