import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAccount } from '../../../src/measure/metrics/account.ts';
import type { RecordedInterval } from '../../../src/measure/metrics/interval-collector.ts';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { RecordedWorld, MS, SECOND } from './recorded-world.ts';

const T0 = 10 * SECOND;

/** phase, second, seconds, how long, and what ended ok: a row in short. */
function shape(row: RecordedInterval): (string | number)[] {
  const ok = row.metrics.counter('operations', { outcome: 'ok', phase: row.phase });
  return [row.phase, row.second, row.seconds, row.durationNs / SECOND, ok];
}

function endAt(
  world: RecordedWorld,
  seconds: number,
  place: { worker?: number; phase?: number } = {},
): void {
  const done = T0 + Math.round(seconds * SECOND);
  world.operation({ intended: done - MS, done }, place);
}

test('an operation is in the row of the second in which it ended', () => {
  const world = new RecordedWorld();
  world.begin({ t1Ns: T0 + 3 * SECOND });
  const rows = [0, 0.999999999, 1, 2.5, 2.6].flatMap((seconds) => {
    endAt(world, seconds);
    return world.collector.poll();
  });
  world.workers[0]!.close(T0 + 3 * SECOND);
  rows.push(...world.collector.finish());
  assert.deepEqual(rows.map(shape), [
    ['measure', 0, 1, 1, 2],
    ['measure', 1, 1, 1, 1],
    ['measure', 2, 1, 1, 2],
  ]);
  assert.equal(world.collector.total.counter('late_records'), 0);
});

test('a worker without answers has rows too, by its turns', () => {
  const world = new RecordedWorld();
  world.begin();
  world.workers[0]!.turn(T0 - 1);
  assert.deepEqual(world.collector.poll(), []);
  const rows = [0.5, 1, 1.5, 2.01].flatMap((seconds) => {
    world.workers[0]!.turn(T0 + seconds * SECOND);
    return world.collector.poll();
  });
  assert.deepEqual(rows.map(shape), [
    ['measure', 0, 1, 1, 0],
    ['measure', 1, 1, 1, 0],
  ]);
});

test('a row is complete when every worker has published its second', () => {
  const world = new RecordedWorld({ workers: 2 });
  world.begin();
  endAt(world, 0.5, { worker: 0 });
  endAt(world, 0.6, { worker: 1 });
  world.workers[0]!.turn(T0 + SECOND);
  assert.deepEqual(world.collector.poll(), []);
  world.workers[1]!.turn(T0 + SECOND);
  assert.deepEqual(world.collector.poll().map(shape), [['measure', 0, 1, 1, 2]]);
});

test('percentiles of a second are over the samples of all workers', () => {
  const world = new RecordedWorld({ workers: 2 });
  world.begin();
  // 90 answers of 1 ms in one worker, 10 of 300 ms in the other.
  for (let answer = 1; answer <= 90; answer++) {
    const done = T0 + 100 * MS + answer * MS;
    world.operation({ intended: done - MS, done });
  }
  for (let answer = 1; answer <= 10; answer++) {
    const done = T0 + 500 * MS + answer * MS;
    world.operation({ intended: done - 300 * MS, done }, { worker: 1 });
  }
  for (const worker of world.workers) worker.turn(T0 + SECOND);
  const [row] = world.collector.poll();
  const responses = row!.metrics.histogram('response_time', { outcome: 'ok' });
  assert.equal(responses.count, 100);
  assert.ok(Math.abs(responses.percentile(90) - MS) < MS / 1000);
  assert.ok(Math.abs(responses.percentile(91) - 300 * MS) < MS);
});

test('while the reader is slow a row covers several seconds, for all workers', () => {
  const world = new RecordedWorld({ workers: 2 });
  world.begin();
  for (const seconds of [0.5, 1.5, 2.5, 3.5, 4.5]) {
    endAt(world, seconds, { worker: 0 });
    if (seconds === 3.5) world.collector.poll();
  }
  for (const seconds of [0.1, 1.1, 2.1, 3.1, 4.1]) {
    endAt(world, seconds, { worker: 1 });
    world.collector.poll();
  }
  for (const worker of world.workers) worker.close(T0 + 4.75 * SECOND);
  const rows = world.collector.finish();
  assert.deepEqual(rows.map(shape), [['measure', 4, 1, 0.75, 2]]);
  assert.equal(world.collector.total.counter('operations', { outcome: 'ok' }), 10);
});

test('a row that had to go on over T1 does not end there when a buffer is free again', () => {
  const world = new RecordedWorld();
  world.begin({ t1Ns: T0 + 2.5 * SECOND });
  for (const seconds of [0.5, 1.5, 2.7]) endAt(world, seconds);
  const rows = world.collector.poll();
  for (const seconds of [2.8, 3.1]) endAt(world, seconds);
  rows.push(...world.collector.poll());
  assert.deepEqual(rows.map(shape), [
    ['measure', 0, 1, 1, 1],
    ['measure', 1, 2, 2, 3],
  ]);
});

test('a row that begins with an answer after T1 does not end at T1', () => {
  const world = new RecordedWorld();
  world.begin({ t1Ns: T0 + 2 * SECOND });
  for (const seconds of [0.5, 2]) endAt(world, seconds);
  const rows = world.collector.poll();
  world.workers[0]!.turn(T0 + 2.5 * SECOND);
  rows.push(...world.collector.poll());
  world.workers[0]!.turn(T0 + 3 * SECOND);
  rows.push(...world.collector.poll());
  assert.deepEqual(rows.map(shape), [
    ['measure', 0, 1, 1, 1],
    ['measure', 1, 2, 2, 1],
  ]);
});

test('rows of the warm-up come for as long as one of its operations is open', () => {
  const world = new RecordedWorld();
  world.begin({ startNs: T0 - SECOND });
  const recorder = world.workers[0]!;
  recorder.due(WARMUP, 0, 1);
  recorder.started(WARMUP, 0, 0);
  recorder.attempted(WARMUP, 0, 0);
  const rows: RecordedInterval[] = [];
  for (const seconds of [0, 1, 2]) {
    recorder.turn(T0 + seconds * SECOND);
    rows.push(...world.collector.poll());
  }
  world.finish({ intended: T0 - MS, done: T0 + 2.5 * SECOND }, { phase: WARMUP });
  recorder.ended(WARMUP, 0, 0, { outcome: 0, responseTimeNs: 2.5 * SECOND });
  for (const seconds of [3, 4, 5]) {
    recorder.turn(T0 + seconds * SECOND);
    rows.push(...world.collector.poll());
  }
  const ofWarmup = rows.filter(({ phase }) => phase === 'warmup');
  assert.deepEqual(
    ofWarmup.map(({ second, account }) => [second, account.inFlight, account.operations.ok]),
    [
      [0, 1, 0],
      [1, 1, 0],
      [2, 1, 0],
      [3, 0, 1],
    ],
  );
});

test('rows end at T0 and at T1 also where these cut a second', () => {
  const world = new RecordedWorld();
  world.begin({ startNs: T0 - 1.25 * SECOND, t1Ns: T0 + 0.5 * SECOND });
  const rows: RecordedInterval[] = [];
  const end = (seconds: number, phase: number): void => {
    endAt(world, seconds, { phase });
    rows.push(...world.collector.poll());
  };
  end(-1, WARMUP);
  end(-0.1, WARMUP);
  end(0.1, WARMUP);
  end(0.2, MEASURE);
  end(0.7, MEASURE);
  world.workers[0]!.close(T0 + 0.9 * SECOND);
  rows.push(...world.collector.finish());
  assert.deepEqual(rows.filter(({ phase }) => phase === 'warmup').map(shape), [
    ['warmup', 0, 1, 1, 1],
    ['warmup', 1, 1, 0.25, 1],
    ['warmup', 1, 1, 0.5, 1],
  ]);
  assert.deepEqual(rows.filter(({ phase }) => phase === 'measure').map(shape), [
    ['measure', 0, 1, 0.5, 1],
    ['measure', 0, 1, 0.4, 1],
  ]);
});

test('a record for a published second goes into the current row and is counted', () => {
  const world = new RecordedWorld();
  world.begin();
  world.workers[0]!.turn(T0 + SECOND);
  const rows = world.collector.poll();
  endAt(world, 0.9);
  endAt(world, 1.1);
  world.workers[0]!.turn(T0 + 2 * SECOND);
  rows.push(...world.collector.poll());
  assert.deepEqual(rows.map(shape), [
    ['measure', 0, 1, 1, 0],
    ['measure', 1, 1, 1, 2],
  ]);
  assert.equal(rows[1]!.metrics.counter('late_records'), 1);
});

test('a record that is older than the one before, but of the same second, is not late', () => {
  const world = new RecordedWorld();
  world.begin();
  for (const seconds of [0.5, 1.5, 1.2]) endAt(world, seconds);
  world.workers[0]!.close(T0 + 2 * SECOND);
  world.collector.finish();
  assert.equal(world.collector.total.counter('late_records'), 0);
});

test('the account of a row has what is open at its end', () => {
  const world = new RecordedWorld({ workers: 2 });
  world.begin();
  for (const recorder of world.workers) {
    recorder.due(MEASURE, 0, 5);
    recorder.started(MEASURE, 0, 1);
    recorder.started(MEASURE, 0, 2);
    recorder.attempted(MEASURE, 0, 1);
    recorder.unsent(MEASURE, 0, 0, 1);
    recorder.waiting(MEASURE, 0, 2);
    recorder.turn(T0 + SECOND);
  }
  const [row] = world.collector.poll();
  const { due, waiting, running, inFlight, unsent } = row!.account;
  assert.deepEqual([due, waiting, running, inFlight, unsent.late], [10, 4, 4, 2, 2]);
  assert.equal(checkAccount(row!.account, false), undefined);
  assert.equal(row!.metrics.gauge('in_flight').last, 2);
});

test('an operation that was never begun, or ends twice, breaks the account', () => {
  const world = new RecordedWorld();
  world.begin();
  endAt(world, 0.1);
  world.finish({ intended: T0, done: T0 + 0.2 * SECOND });
  world.workers[0]!.turn(T0 + SECOND);
  assert.match(checkAccount(world.collector.poll()[0]!.account, false)!, /attempted 1 ≠ ok 2/);
});

test('a second operation in a slot that is taken breaks the account', () => {
  const world = new RecordedWorld();
  world.begin();
  world.workers[0]!.attempted(MEASURE, 0, 3);
  world.workers[0]!.attempted(MEASURE, 0, 3);
  world.workers[0]!.turn(T0 + SECOND);
  assert.match(checkAccount(world.collector.poll()[0]!.account, false)!, /inFlight 1/);
});

test('the account of a worker that died is closed, and what it recorded is kept', () => {
  const world = new RecordedWorld({ workers: 2 });
  world.begin({ t1Ns: T0 + 2 * SECOND });
  endAt(world, 0.2, { worker: 0 });
  endAt(world, 0.2, { worker: 1 });
  const dying = world.workers[1]!;
  dying.due(MEASURE, 0, 4);
  dying.started(MEASURE, 0, 0);
  dying.started(MEASURE, 0, 1);
  dying.attempted(MEASURE, 0, 1);
  dying.waiting(MEASURE, 0, 2);
  assert.equal(world.collector.dueOf(1, MEASURE, 0), 5);
  world.collector.closeLostWorker(1, [{ phase: MEASURE, flow: 0, count: 95 }]);
  endAt(world, 1.5, { worker: 0 });
  world.workers[0]!.close(T0 + 2 * SECOND);
  const rows = world.collector.finish();
  for (const row of rows) assert.equal(checkAccount(row.account, false), undefined);
  const account = world.collector.account(MEASURE);
  assert.equal(checkAccount(account, true), undefined);
  assert.equal(account.due, 102);
  assert.equal(account.unsent.worker_lost, 97);
  assert.equal(account.interruptedIterations, 2);
  assert.equal(account.operations.interrupted, 1);
  assert.equal(account.operations.ok, 3);
  assert.equal(world.collector.total.histogram('response_time').count, 3);
  assert.ok(world.collector.complete);
});

test('a worker that dies between two writes that belong together leaves a balanced account', () => {
  const world = new RecordedWorld();
  world.begin();
  world.workers[0]!.due(MEASURE, 0, 1);
  world.workers[0]!.attempted(MEASURE, 0, 0);
  // `started` never came: its thread ended inside the call.
  world.collector.closeLostWorker(0);
  world.collector.finish();
  assert.equal(checkAccount(world.collector.account(MEASURE), true), undefined);
});

test('a worker that died before a phase began leaves its plan unsent in that phase', () => {
  const world = new RecordedWorld({ workers: 2 });
  Object.assign(world.times, { startNs: T0 - 2 * SECOND });
  world.collector.closeLostWorker(1, [{ phase: MEASURE, flow: 0, count: 30 }]);
  Object.assign(world.times, { t0Ns: T0, t1Ns: T0 + SECOND });
  endAt(world, 0.5);
  world.workers[0]!.close(T0 + SECOND);
  const rows = world.collector.finish().filter(({ phase }) => phase === 'measure');
  assert.deepEqual(rows.map(shape), [['measure', 0, 1, 1, 1]]);
  assert.equal(rows[0]!.account.unsent.worker_lost, 30);
});

test('a trial whose only worker died before it began still ends with an account', () => {
  const world = new RecordedWorld();
  world.collector.closeLostWorker(0, [{ phase: MEASURE, flow: 0, count: 30 }]);
  const rows = world.collector.finish();
  assert.deepEqual(rows.map(shape), [['measure', 0, 1, 0, 0]]);
  assert.equal(rows[0]!.startedAtNs, 0);
  assert.equal(checkAccount(world.collector.account(MEASURE), true), undefined);
});

test('a worker that ended without closing is closed as lost', () => {
  const world = new RecordedWorld({ workers: 2 });
  world.begin({ t1Ns: T0 + SECOND });
  endAt(world, 0.5, { worker: 0 });
  world.workers[0]!.close(T0 + SECOND);
  endAt(world, 0.5, { worker: 1 });
  world.workers[1]!.attempted(MEASURE, 0, 2);
  world.collector.finish();
  const account = world.collector.account(MEASURE);
  assert.equal(checkAccount(account, true), undefined);
  assert.deepEqual([account.operations.ok, account.operations.interrupted], [2, 1]);
});

test('a trial without a warm-up has no rows of one', () => {
  const world = new RecordedWorld();
  world.begin({ t1Ns: T0 + SECOND });
  world.workers[0]!.turn(T0 + 0.5 * SECOND);
  endAt(world, 0.7);
  world.workers[0]!.close(T0 + SECOND);
  const phases = world.collector.finish().map(({ phase }) => phase);
  assert.deepEqual(phases, ['measure']);
});

test('a trial that is stopped in its warm-up has rows of that alone', () => {
  const world = new RecordedWorld();
  Object.assign(world.times, { startNs: T0 });
  endAt(world, 0.3, { phase: WARMUP });
  world.workers[0]!.close(T0 + 0.5 * SECOND);
  assert.deepEqual(world.collector.finish().map(shape), [['warmup', 0, 1, 0.5, 1]]);
  assert.equal(world.collector.total.durationSeconds, 0);
});

test('the live account sees what no row has shown yet', () => {
  const world = new RecordedWorld({ workers: 2 });
  world.begin();
  endAt(world, 0.1, { worker: 1 });
  world.workers[0]!.started(MEASURE, 0, 2);
  world.workers[0]!.attempted(MEASURE, 0, 2);
  const live = world.collector.live(MEASURE);
  assert.deepEqual([live.started, live.completed, live.inFlight, live.running], [2, 1, 1, 1]);
  assert.equal(world.collector.lastDoneNs(MEASURE), T0 + 0.1 * SECOND);
});
