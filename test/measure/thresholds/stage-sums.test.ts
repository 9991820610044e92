import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StageSums } from '../../../src/measure/thresholds/stage-sums.ts';
import { thresholdSchema } from '../../../src/measure/thresholds/threshold-schema.ts';
import { ThresholdWatch } from '../../../src/measure/thresholds/threshold-watch.ts';
import { RecordedTrial } from '../../results/recorded-trial.ts';
import { MS, onePlan, SECOND } from '../metrics/recorded-world.ts';

const FLOW = onePlan.flows[0]!.name;
const NOT_SENT = 3;

/** Second k has 10 + k answers of k ms; the last one also iterations that were never sent. */
function recorded(seconds: number) {
  const trial = new RecordedTrial(onePlan, { warmup: 0, measure: 0 });
  const rows = Array.from({ length: seconds }, (_, second) =>
    trial.second('measure', (record) => {
      for (let i = 0; i < 10 + second; i++) record.iteration({ responseNs: second * MS });
      if (second === seconds - 1) record.unsent(0, 'no_slot', NOT_SENT);
    }),
  );
  return { rows, total: trial.total };
}

const stage = (name: string, fromSeconds: number, toSeconds: number, flow = FLOW) => {
  return { flow, name, fromNs: fromSeconds * SECOND, toNs: toSeconds * SECOND };
};

function judged(texts: readonly string[], sums: StageSums) {
  const watch = new ThresholdWatch(texts.map((text) => thresholdSchema.parse(text)));
  const { rows, total } = recorded(8);
  for (const row of rows) {
    sums.add(row);
    watch.add(row, total);
  }
  return watch.results(total, { stages: sums.byName() });
}

test('a stage has what ended in the whole seconds that lie in it, and rates over these', () => {
  const sums = new StageSums([stage('low', 0, 2), stage('peak', 2.5, 5.5)]);
  const results = judged(
    [
      'operations{stage:low} count == 21',
      'operations{stage:peak} count == 27',
      'operations{stage:peak,outcome:ok} rate == 13.5/s',
      'response_time{stage:peak} max < 5ms',
      'response_time{stage:low} max < 5ms',
    ],
    sums,
  );
  assert.deepEqual(
    results.map(({ observed, status }) => [observed!.value < 100 ? observed!.value : 'ns', status]),
    [
      [21, 'passed'],
      [27, 'passed'],
      [13.5, 'passed'],
      ['ns', 'passed'],
      ['ns', 'passed'],
    ],
  );
  assert.deepEqual(
    sums.stages.map(({ metrics }) => metrics.durationSeconds),
    [2, 2],
  );
});

test('iterations that were never sent rank in the stage in which they should have been', () => {
  const sums = new StageSums([stage('early', 0, 4), stage('late', 4, 8)]);
  const results = judged(
    ['response_time{stage:early} max < 1s', 'response_time{stage:late} max < 1s'],
    sums,
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    ['passed', 'failed'],
  );
  assert.match(results[1]!.reason!, /not answered/);
});

test('a star judges each stage alone, under its name; parts of one name are one', () => {
  const sums = new StageSums([stage('a', 0, 1), stage('b', 1, 2), stage('a', 2, 3)]);
  const results = judged(['operations{stage:*,outcome:ok} rate >= 11/s'], sums);
  assert.deepEqual(
    results.map(({ tags, observed, status }) => [tags['stage'], observed!.value, status]),
    [
      ['a', 11, 'passed'],
      ['b', 11, 'passed'],
    ],
  );
});

test('a stage of one flow has nothing of the others', () => {
  const sums = new StageSums([stage('peak', 0, 8, 'another')]);
  const [result] = judged(['operations{stage:peak} count >= 0'], sums);
  assert.equal(result!.reason, 'no data');
});
