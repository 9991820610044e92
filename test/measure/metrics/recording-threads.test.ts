import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { checkAccount } from '../../../src/measure/metrics/account.ts';
import { Histogram } from '../../../src/measure/metrics/histogram.ts';
import {
  IntervalCollector,
  type RecordedInterval,
} from '../../../src/measure/metrics/interval-collector.ts';
import { MEASURE } from '../../../src/measure/metrics/outcome.ts';
import { layoutSeries } from '../../../src/measure/metrics/series-layout.ts';
import { allocateRecorder } from '../../../src/measure/metrics/shared-recorder.ts';
import { onePlan, SECOND } from './recorded-world.ts';
import { latencyOf, type ThreadTask } from './recording-thread.ts';

const T0 = 10 * SECOND;
const OPERATIONS = 200_000;
// 2,000 operations to a second: a hundred seconds, each over in a millisecond or so.
const STEP_NS = 500_000;

test('threads that record while the runner reads lose and duplicate nothing', async () => {
  const layout = layoutSeries(onePlan);
  const recorders = [allocateRecorder(layout, 4), allocateRecorder(layout, 4)];
  const times = {
    phaseStartNs: () => T0,
    phaseEndNs: (phase: number) => (phase === MEASURE ? T0 + 3_600 * SECOND : T0),
  };
  const collector = new IntervalCollector(layout, recorders, times);
  const file = new URL('./recording-thread.ts', import.meta.url);
  const threads = recorders.map((shared) => {
    const workerData: ThreadTask = { shared, t0Ns: T0, operations: OPERATIONS, stepNs: STEP_NS };
    return new Worker(file, { workerData });
  });
  const ends = Promise.all(threads.map((thread) => once(thread, 'message')));
  const rows: RecordedInterval[] = [];
  while (!collector.complete) {
    rows.push(...collector.poll());
    await nextTurn();
  }
  await ends;
  rows.push(...collector.finish());
  await Promise.all(threads.map((thread) => thread.terminate()));

  assert.ok(rows.length > 3, `read while the threads recorded, in ${rows.length} rows`);
  for (const row of rows) assert.equal(checkAccount(row.account, false), undefined);
  assert.equal(checkAccount(collector.account(MEASURE), true), undefined);
  assert.equal(collector.total.counter('operations', { outcome: 'ok' }), 2 * OPERATIONS);
  const recount = new Histogram();
  for (let index = 0; index < OPERATIONS; index++) recount.record(latencyOf(index), 2);
  const { resolution: _, ...cells } = collector.total.histogram('response_time').toRecord();
  const { resolution: __, ...expected } = recount.toRecord();
  assert.deepEqual(cells, expected);
  const counted = rows.map(({ metrics }) => metrics.histogram('response_time').count);
  assert.equal(
    counted.reduce((sum, count) => sum + count, 0),
    2 * OPERATIONS,
  );
});
