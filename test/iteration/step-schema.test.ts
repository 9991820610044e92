import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { stepKeys, toStepPlan } from '../../src/iteration/step-schema.ts';

const schema = z.strictObject({ ...stepKeys, request: z.unknown() });
const SETTING = { target: 'main', driver: 'http', verb: 'request', spec: {}, timeoutMs: 30_000 };

test('the keys of a step become a plan with plain numbers', () => {
  const keys = schema.parse({
    name: 'embed',
    request: {},
    expect: ['status == 200'],
    extract: { vector: 'json.v' },
    slo: { response_time: '250ms', first_byte: '1s' },
    timeout: '2s',
    deadline: '1m',
    onFail: 'continue',
    tags: { size: 3, kind: 'a', warm: true },
    items: 'params.batch',
  });
  const plan = toStepPlan(keys, SETTING);
  assert.deepEqual(plan, {
    ...SETTING,
    name: 'embed',
    expect: ['status == 200'],
    extract: { vector: 'json.v' },
    slo: { response_time: 250e6, first_byte: 1e9 },
    timeoutMs: 2000,
    deadlineMs: 60_000,
    onFail: 'continue',
    tags: { size: '3', kind: 'a', warm: 'true' },
    items: 'params.batch',
  });
  assert.deepEqual(structuredClone(plan), plan);
});

test('what a step does not say comes from its target, or is off', () => {
  assert.deepEqual(toStepPlan(schema.parse({ name: 'a', request: {} }), SETTING), {
    ...SETTING,
    name: 'a',
    expect: [],
    extract: {},
    slo: {},
    onFail: 'endIteration',
    tags: {},
  });
});

test('names that expressions could not say, and values without a unit, are refused', () => {
  for (const step of [
    { name: 'my-step' },
    { name: 'for' },
    {},
    { name: 'a', extract: { 'a-b': 'json' } },
    { name: 'a', timeout: 5 },
    { name: 'a', slo: { response_time: 250 } },
    { name: 'a', expect: 'status == 200' },
    { name: 'a', expect: [''] },
    { name: 'a', onFail: 'stop' },
    { name: 'a', tags: { a: ['b'] } },
    { name: 'a', expects: [] },
  ]) {
    assert.equal(schema.safeParse(step).success, false, JSON.stringify(step));
  }
});

test('every key of a step is described', () => {
  const json = z.toJSONSchema(z.strictObject(stepKeys), { io: 'input' });
  const { properties } = json as { properties: Record<string, { description?: string }> };
  for (const [key, { description }] of Object.entries(properties)) assert.ok(description, key);
});
