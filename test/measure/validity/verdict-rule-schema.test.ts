import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictRuleSchema } from '../../../src/measure/validity/verdict-rule-schema.ts';

test('a rule of the verdict is written as a threshold, and may make a run invalid', () => {
  const plain = verdictRuleSchema.parse('pacer_lag p(99) < 100us');
  assert.equal(plain.invalid, false);
  assert.equal(plain.spec.metric, 'pacer_lag');
  const hard = verdictRuleSchema.parse({
    threshold: 'unsent share < 1%',
    invalid: true,
    allowNoData: true,
  });
  assert.equal(hard.invalid, true);
  assert.equal(hard.spec.allowNoData, true);
});

test('a rule of the verdict ends no trial, and says so instead of ignoring the word', () => {
  const parsed = verdictRuleSchema.safeParse({ threshold: 'unsent share < 1%', abortOnFail: true });
  assert.ok(!parsed.success);
});

test('a rule that is no threshold is refused with its place', () => {
  for (const [written, path] of [
    ['pacer_lag p(99) <', []],
    [{ threshold: 'unsent share <', invalid: true }, ['threshold']],
  ] as const) {
    const parsed = verdictRuleSchema.safeParse(written);
    assert.ok(!parsed.success);
    assert.deepEqual(parsed.error.issues[0]!.path, path);
  }
});
