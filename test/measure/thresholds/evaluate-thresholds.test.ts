import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricStore } from '../../../src/measure/metrics/metric-store.ts';
import { MEASURE } from '../../../src/measure/metrics/outcome.ts';
import {
  evaluateThresholds,
  type ThresholdResult,
} from '../../../src/measure/thresholds/evaluate-thresholds.ts';
import type { Axes } from '../../../src/measure/thresholds/swept-axes.ts';
import { thresholdSchema } from '../../../src/measure/thresholds/threshold-schema.ts';
import { randomPlan } from '../metrics/random-load.ts';
import { MS, RecordedWorld, SECOND } from '../metrics/recorded-world.ts';

const T0 = 10 * SECOND;

type Group = [
  lane: number,
  count: number,
  outcome: 'ok' | 'timeout' | 'cancelled',
  latencyMs: number,
];

/** A trial of ten seconds with these operations, each in an iteration of its own. */
function trialOf(groups: readonly Group[], unsent = 0): MetricStore {
  const world = new RecordedWorld({ plan: randomPlan });
  world.begin({ t1Ns: T0 + 10 * SECOND });
  const recorder = world.workers[0]!;
  for (const [lane, count, outcome, latencyMs] of groups) {
    const { flow } = world.layout.lanes[lane]!;
    for (let index = 0; index < count; index++) {
      recorder.due(MEASURE, flow, 1);
      recorder.started(MEASURE, flow, 0);
      recorder.attempted(MEASURE, lane, 0);
      const done = T0 + SECOND + index * MS;
      world.finish({ intended: done - latencyMs * MS, done, outcome }, { lane });
      recorder.items(MEASURE, lane, 8);
      const end = { outcome: outcome === 'ok' ? 0 : 2, responseTimeNs: latencyMs * MS };
      recorder.ended(MEASURE, flow, 0, end);
    }
  }
  recorder.due(MEASURE, 0, unsent);
  recorder.unsent(MEASURE, 0, 1, unsent);
  recorder.close(T0 + 10 * SECOND);
  world.collector.finish();
  return world.collector.total;
}

function judge(source: MetricStore, threshold: unknown, axes?: Axes): ThresholdResult[] {
  const spec = thresholdSchema.parse(threshold);
  return evaluateThresholds([spec], source, axes === undefined ? {} : { axes });
}

function one(source: MetricStore, threshold: unknown): ThresholdResult {
  const [result, ...others] = judge(source, threshold);
  assert.equal(others.length, 0);
  return result!;
}

const healthy = trialOf([
  [0, 1_000, 'ok', 10],
  [1, 1_000, 'ok', 30],
  [2, 700, 'ok', 5],
]);

test('a percentile is judged by its value, which is shown in the unit of its metric', () => {
  const passed = one(healthy, 'response_time{step:embed} p(99) < 31ms');
  assert.equal(passed.status, 'passed');
  assert.equal(passed.observed!.unit, 'ns');
  assert.ok(Math.abs(passed.observed!.value - 30 * MS) < 0.03 * MS);
  assert.equal(one(healthy, 'response_time{step:embed} p(99) < 29ms').status, 'failed');
});

test('with two per cent never answered the 99th percentile is not answered, and fails', () => {
  const source = trialOf(
    [
      [0, 980, 'ok', 1],
      [0, 10, 'timeout', 1],
    ],
    10,
  );
  for (const operator of ['<', '>']) {
    const result = one(source, `response_time p(99) ${operator} 250ms`);
    assert.equal(result.status, 'failed');
    assert.equal(result.reason, 'not answered (2.0%)');
    assert.equal(result.observed, undefined);
  }
  assert.equal(one(source, 'response_time p(95) < 250ms').status, 'passed');
  assert.equal(one(source, 'response_time{outcome:ok} p(99) < 250ms').status, 'passed');
});

test('failing fast does not make a latency better', () => {
  const source = trialOf([
    [0, 500, 'ok', 100],
    [0, 500, 'timeout', 1],
  ]);
  assert.equal(one(source, 'response_time med < 150ms').status, 'passed');
  assert.equal(one(source, 'response_time p(60) < 150ms').status, 'failed');
  assert.equal(one(source, 'response_time avg < 150ms').reason, 'not answered (50.0%)');
  assert.equal(one(source, 'response_time max < 150ms').status, 'failed');
  assert.equal(one(source, 'response_time{outcome:ok} avg < 150ms').status, 'passed');
});

test('below its floor a percentile is undecided, unless thin readings are allowed', () => {
  const source = trialOf([[0, 200, 'ok', 10]]);
  const undecided = one(source, 'response_time p(99) < 250ms');
  assert.equal(undecided.status, 'undecided');
  assert.equal(undecided.reason, 'needs 662 samples, has 200');
  const thin = one(source, { threshold: 'response_time p(99) < 250ms', allowThin: true });
  assert.deepEqual([thin.status, thin.thin], ['passed', true]);
  const enough = one(source, { threshold: 'response_time p(90) < 250ms', allowThin: true });
  assert.deepEqual([enough.status, enough.thin], ['passed', false]);
});

test('minSamples raises what is needed and does not lower the floor', () => {
  const source = trialOf([[0, 200, 'ok', 10]]);
  const raised = one(source, { threshold: 'response_time p(90) < 1s', minSamples: 300 });
  assert.equal(raised.reason, 'needs 300 samples, has 200');
  const lowered = one(source, { threshold: 'response_time p(99) < 1s', minSamples: 100 });
  assert.equal(lowered.reason, 'needs 662 samples, has 200');
  const share = one(source, { threshold: 'error_rate < 1%', minSamples: 500 });
  assert.equal(share.reason, 'needs 500 samples, has 200');
});

test('without data a threshold is undecided, unless that is allowed', () => {
  const source = trialOf([]);
  for (const text of ['response_time p(99) < 1s', 'error_rate < 1%', 'unsent share < 1%']) {
    const result = one(source, text);
    assert.deepEqual([result.status, result.reason], ['undecided', 'no data'], text);
    assert.equal(one(source, { threshold: text, allowNoData: true }).status, 'passed');
  }
  assert.equal(one(source, 'no_such_metric count < 1').status, 'undecided');
  assert.equal(one(source, 'operations{step:nothing} count < 1').status, 'undecided');
});

test('the error rate leaves out what was cancelled', () => {
  const source = trialOf([
    [0, 97, 'ok', 1],
    [0, 3, 'timeout', 1],
    [0, 100, 'cancelled', 1],
  ]);
  assert.equal(one(source, 'error_rate <= 3%').status, 'passed');
  assert.equal(one(source, 'error_rate < 3%').status, 'failed');
  assert.equal(one(source, 'operations{outcome:timeout} share == 1.5%').status, 'passed');
  assert.equal(one(source, 'operations{outcome:failed} count == 3').status, 'passed');
});

test('the share of unsent is of what was planned', () => {
  const source = trialOf([[0, 90, 'ok', 1]], 10);
  assert.equal(one(source, 'unsent share == 10%').status, 'passed');
  assert.equal(one(source, 'unsent{reason:no_slot} share == 10%').status, 'passed');
  assert.equal(one(source, 'unsent{reason:late} count == 0').status, 'passed');
});

test('a rate is per second of the measured time', () => {
  const source = trialOf([[0, 500, 'ok', 1]]);
  assert.equal(one(source, 'items rate == 400/s').status, 'passed');
  const rate = one(source, 'operations{outcome:ok} rate >= 50/s');
  assert.deepEqual(rate.observed, { value: 50, unit: 'count', perSecond: true });
});

test('a star judges every value of its tag alone', () => {
  const results = judge(healthy, 'response_time{tenant:*} p(99) < 20ms');
  assert.deepEqual(
    results.map(({ tags, status }) => [tags.tenant, status]),
    [
      ['free', 'passed'],
      ['pro', 'failed'],
    ],
  );
});

test('two stars judge the pairs that exist and no others', () => {
  const results = judge(healthy, 'operations{step:*,target:*} count >= 0');
  assert.deepEqual(
    results.map(({ tags }) => [tags.step, tags.target]),
    [
      ['embed', 'e'],
      ['knn', 'v'],
      ['ping', 'v'],
    ],
  );
});

test('a threshold that names swept axes is for the trials that have their values', () => {
  const text = 'response_time{params.tokens:32,level:high,step:embed} p(99) < 1s';
  assert.equal(judge(healthy, text, { 'params.tokens': 32, level: 'high' }).length, 1);
  assert.equal(judge(healthy, text, { 'params.tokens': 128, level: 'high' }).length, 0);
  assert.equal(judge(healthy, text, { 'params.tokens': 32, level: 'low' }).length, 0);
  const every = 'response_time{level:*} p(99) < 1s';
  assert.equal(judge(healthy, every, { level: 'low' })[0]!.status, 'passed');
});

test('a gauge is judged by its levels', () => {
  assert.equal(one(healthy, 'in_flight last == 0').status, 'passed');
  assert.equal(one(healthy, 'in_flight max > 1').status, 'failed');
});

test('every operator compares as it says', () => {
  const source = trialOf([[0, 5, 'ok', 1]]);
  const holds = (operator: string, limit: number): boolean =>
    one(source, `operations count ${operator} ${limit}`).status === 'passed';
  const operators = ['<', '<=', '>', '>=', '==', '!='];
  assert.deepEqual(
    operators.map((operator) => [4, 5, 6].map((limit) => holds(operator, limit))),
    [
      [false, false, true],
      [false, true, true],
      [true, false, false],
      [true, true, false],
      [false, true, false],
      [true, false, true],
    ],
  );
});
