import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { thresholdSchema } from '../../../src/measure/thresholds/threshold-schema.ts';

function messagesOf(value: unknown): string {
  const { error } = thresholdSchema.safeParse(value);
  assert.ok(error !== undefined, `${JSON.stringify(value)} was taken`);
  return JSON.stringify(error.issues);
}

test('a string and a map with the same expression mean the same', () => {
  const written = thresholdSchema.parse('error_rate < 0.1%');
  assert.deepEqual(thresholdSchema.parse({ threshold: 'error_rate < 0.1%' }), written);
  assert.equal(written.allowNoData, false);
  assert.equal(written.allowThin, false);
  assert.ok(!('minSamples' in written));
});

test('the map form keeps its rules', () => {
  const spec = thresholdSchema.parse({
    threshold: 'response_time p(99) < 1s',
    minSamples: 500,
    allowThin: true,
    allowNoData: true,
  });
  assert.deepEqual([spec.minSamples, spec.allowThin, spec.allowNoData], [500, true, true]);
  assert.deepEqual(structuredClone(spec), spec);
});

test('windows and aborts are kept as plain numbers', () => {
  const spec = thresholdSchema.parse({
    threshold: 'error_rate < 5%',
    window: '1m10s',
    abortOnFail: true,
    delayAbortEval: '1500ms',
  });
  const { windowSeconds, abortOnFail, delayAbortEvalNs } = spec;
  assert.deepEqual([windowSeconds, abortOnFail, delayAbortEvalNs], [70, true, 1.5e9]);
  assert.deepEqual(structuredClone(spec), spec);
});

test('a window is of whole seconds and has a bound', () => {
  for (const window of ['500ms', '1.5s', '0s', '11m']) {
    assert.match(messagesOf({ threshold: 'error_rate < 5%', window }), /whole seconds, from 1s/);
  }
});

test('an unknown key is an error', () => {
  assert.match(messagesOf({ threshold: 'error_rate < 5%', minSample: 3 }), /minSample/);
});

test('what cannot be read is told at its character', () => {
  assert.match(messagesOf('response_time p99 < 1s'), /p99 is no aggregate at character 15/);
  const { error } = thresholdSchema.safeParse({ threshold: 'response_time p99 < 1s' });
  assert.deepEqual(error!.issues[0]!.path, ['threshold']);
});

test('the published schema takes a string or a map', () => {
  const published = z.toJSONSchema(thresholdSchema, { io: 'input' });
  assert.deepEqual(
    published.anyOf!.map((one) => (one as { type: string }).type),
    ['string', 'object'],
  );
});
