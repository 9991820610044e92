import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutSeries } from '../../../src/measure/metrics/series-layout.ts';
import {
  checkThreshold,
  type ThresholdFinding,
} from '../../../src/measure/thresholds/check-threshold.ts';
import { catalogueOf } from '../../../src/measure/thresholds/metric-catalogue.ts';
import { thresholdSchema } from '../../../src/measure/thresholds/threshold-schema.ts';
import { randomPlan } from '../metrics/random-load.ts';

const catalogue = catalogueOf(layoutSeries(randomPlan), {
  axes: { 'params.tokens': ['32', '128'], level: ['low', 'high'] },
  plannedSamples: (_, { step }) => (step === 'ping' ? 200 : undefined),
});

function check(threshold: unknown): ThresholdFinding[] {
  return checkThreshold(thresholdSchema.parse(threshold), catalogue);
}

test('a threshold that the scenario can judge has nothing to say', () => {
  for (const text of [
    'response_time{step:embed,params.tokens:32,level:*} p(99) < 250ms',
    'response_time{outcome:ok} avg < 250ms',
    'operations{outcome:failed} share < 1%',
    'operations{outcome:timeout} count < 5',
    'operations{outcome:ok} rate > 100/s',
    'bytes_received rate < 10MB/s',
    'error_rate{target:*} < 1%',
    'unsent{reason:late} share < 1%',
    'in_flight max <= 500',
    'response_time{phase:warmup} p(90) < 1s',
    'response_time{step:ping} p(95) < 1s',
    'response_time count >= 500',
    'slot_wait{wait:cap} p(99) < 1ms',
  ]) {
    assert.deepEqual(check(text), [], text);
  }
});

test('an unknown metric is told with the nearest known one', () => {
  const [finding] = check('respons_time p(99) < 1s');
  assert.equal(finding!.message, 'there is no metric respons_time');
  assert.equal(finding!.hint, 'did you mean response_time?');
});

test('an aggregate must be one that the kind of metric has', () => {
  const cases: [string, RegExp][] = [
    ['response_time < 1s', /response_time needs an aggregate/],
    ['response_time rate < 1/s', /is a histogram, which has no rate/],
    ['operations p(99) < 1', /is a counter, which has no p\(99\)/],
    ['bytes_sent share < 1%', /has no share/],
    ['items share < 1%', /has no share/],
    ['in_flight count < 5', /is a gauge, which has no count/],
    ['error_rate avg < 1%', /takes no aggregate/],
    ['operations{phase:warmup} rate < 1/s', /measured phase only/],
  ];
  for (const [text, message] of cases) {
    const [finding] = check(text);
    assert.equal(finding?.severity, 'error', text);
    assert.match(finding!.message, message);
  }
});

test('a value must have the unit of its metric', () => {
  const cases: [string, RegExp][] = [
    ['response_time p(99) < 250', /a duration/],
    ['response_time p(99) < 1%', /a duration/],
    ['error_rate < 0.01', /a share with its %/],
    ['operations{outcome:ok} rate > 100', /number per second/],
    ['operations count < 5ms', /plain number/],
    ['bytes_sent count < 100', /bytes/],
    ['bytes_sent rate < 100MB', /bytes per second/],
    ['unsent share < 1', /share with its %/],
  ];
  for (const [text, hint] of cases) {
    const [finding] = check(text);
    assert.equal(finding?.severity, 'error', text);
    assert.match(finding!.hint!, hint, text);
  }
});

test('tags must be ones that the series of the metric have', () => {
  const cases: [string, RegExp, RegExp][] = [
    ['unsent{step:embed} share < 1%', /unsent has no tag step/, /flow/],
    ['response_time{stap:embed} p(99) < 1s', /has no tag stap/, /did you mean step/],
    ['response_time{step:embd} p(99) < 1s', /no series with step:embd/, /did you mean embed/],
    ['response_time{outcome:timeout} p(99) < 1s', /no series with outcome:timeout/, /ok, failed/],
    ['response_time{level:medium} p(99) < 1s', /no series with level:medium/, /low, high/],
    ['response_time{step:ping,tenant:pro} p(99) < 1s', /all of these tags/, /fewer/],
  ];
  for (const [text, message, hint] of cases) {
    const [finding] = check(text);
    assert.equal(finding?.severity, 'error', text);
    assert.match(finding!.message, message);
    assert.match(finding!.hint!, hint);
  }
});

test('a percentile that the load cannot decide is a warning with both numbers', () => {
  const [finding] = check('response_time{step:ping} p(99) < 1s');
  assert.equal(finding!.severity, 'warning');
  assert.match(finding!.message, /needs 662 samples and the load gives about 200/);
  const allowed = { threshold: 'response_time{step:ping} p(99) < 1s', allowThin: true };
  assert.deepEqual(check(allowed), []);
});

test('a minSamples below the floor is told to have no effect', () => {
  const [finding] = check({ threshold: 'response_time p(99) < 1s', minSamples: 10 });
  assert.equal(finding!.severity, 'warning');
  assert.match(finding!.message, /below the 662 samples/);
});

test('what is said of aborts and windows that cannot mean what was written', () => {
  const messages = (rules: object): string[] =>
    check({ threshold: 'operations count >= 500', ...rules }).map(({ message }) => message);
  assert.deepEqual(messages({}), []);
  assert.match(messages({ abortOnFail: true })[0]!, /ends the trial at its start/);
  assert.deepEqual(messages({ abortOnFail: true, window: '10s' }), []);
  assert.match(messages({ delayAbortEval: '5s' })[0]!, /nothing without abortOnFail/);
  const [finding] = check({ threshold: 'response_time{phase:warmup} p(90) < 1s', window: '10s' });
  assert.equal(finding!.severity, 'error');
});
