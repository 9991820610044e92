import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { intervalRow } from '../../../src/results/write/interval-row.ts';
import { metricsJson } from '../../../src/results/interchange/metrics-json.ts';
import { sizingOf } from '../../../src/results/interchange/sizing.ts';
import { resultJsonSchemas } from '../../../src/results/schema/documents.ts';
import { measuredSource } from '../../../src/reports/measured-source.ts';
import { closedResult, openResult, planOf, streamedResult, tinyResult } from '../../reports/sample-results.ts';
import { RecordedTrial } from '../recorded-trial.ts';

const FOLDER = join(import.meta.dirname, '../../../docs/schemas');
const MACHINE = {
  ...{ host: 'here', platform: 'linux', architecture: 'x64' },
  ...{ cpu: 'A processor', cores: 8, memoryBytes: 64 * 2 ** 30 },
};

test('the published schemas are those of the code', () => {
  const generated = resultJsonSchemas();
  assert.deepEqual(readdirSync(FOLDER).toSorted(), Object.keys(generated).toSorted());
  for (const [file, schema] of Object.entries(generated)) {
    const text = `${JSON.stringify(schema, undefined, 2)}\n`;
    assert.equal(readFileSync(join(FOLDER, file), 'utf8'), text, `${file} is stale`);
  }
});

test('results are what their published schema says', () => {
  for (const result of [openResult(), closedResult(), tinyResult(), streamedResult()]) {
    assertValid(validator('result.schema.json'), result);
  }
});

test('metrics.json is what its published schema says, also where little is known', () => {
  for (const result of [openResult(), closedResult(), tinyResult(), streamedResult()]) {
    const metrics = metricsJson(result, measuredSource(result), '2026-11-22T10:34:26.000Z');
    assertValid(validator('metrics.schema.json'), metrics);
  }
});

test('sizing.json is what its published schema says, also where little is known', () => {
  for (const result of [openResult(), closedResult(), tinyResult(), streamedResult()]) {
    const timestamp = '2026-11-22T10:34:26.000Z';
    const sizing = sizingOf({ result, source: measuredSource(result), timestamp, machine: MACHINE });
    assertValid(validator('sizing.schema.json'), sizing);
  }
});

test('rows of intervals.ndjson are what their published schema says', () => {
  const recorded = new RecordedTrial(planOf(['embed']), { warmup: 1e9, measure: 2e9 });
  const row = recorded.second('measure', (second) => {
    for (let i = 1; i < 900; i++) second.iteration({ responseNs: i * 1e6 });
    second.unsent(0, 'late', 3);
  });
  const line = intervalRow(row, {
    before: undefined,
    startedAt: '2026-11-22T10:34:28.000Z',
  });
  assertValid(validator('interval-row.schema.json'), JSON.parse(JSON.stringify(line)));
});

test('a document with a wrong field is refused by the published schema', () => {
  const validate = validator('result.schema.json');
  assert.equal(validate({ ...openResult(), state: 'fine' }), false);
  assert.equal(validate({ ...openResult(), schema: 'loadgen/result@2' }), false);
  const { accounts: _, ...rest } = openResult();
  assert.equal(validate(rest), false);
});

test('fields that are not named are allowed, so that later versions can add some', () => {
  assertValid(validator('result.schema.json'), { ...openResult(), added: true });
});

function validator(file: string): ValidateFunction {
  const schema = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as object;
  return new Ajv2020({ allErrors: true, strict: true, strictTypes: false }).compile(schema);
}

function assertValid(validate: ValidateFunction, document: unknown): void {
  assert.ok(validate(document), JSON.stringify(validate.errors, undefined, 2));
}
