import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { RecordedWorld, MS, SECOND } from './recorded-world.ts';

const T0 = 10 * SECOND;

/** The totals after everything was closed. */
function closed(world: RecordedWorld, atNs: number) {
  for (const worker of world.workers) worker.close(atNs);
  world.collector.finish();
  return world.collector.total;
}

test('each stamp ends up in the metric that DESIGN names', () => {
  const world = new RecordedWorld();
  world.begin();
  const at = T0 + 100 * MS;
  world.operation({
    intended: at,
    picked: at + 1_000,
    acquired: at + 3_000,
    granted: at + 6_000,
    sent: at + 10_000,
    free: at + 900_000,
    done: at + 1_000_000,
    bytesSent: 120,
    bytesReceived: 3_000,
    firstByteNs: 700_000,
  });
  world.workers[0]!.pacerLag(MEASURE, 0, 1_000);
  const total = closed(world, T0 + SECOND);
  const mean = (metric: string, tags = {}): number => total.histogram(metric, tags).mean;
  assert.equal(mean('response_time', { outcome: 'ok' }), 1_000_000);
  assert.equal(mean('service_time', { outcome: 'ok' }), 990_000);
  assert.equal(mean('pacer_lag'), 1_000);
  assert.equal(mean('slot_wait', { wait: 'cap' }), 2_000);
  assert.equal(mean('slot_wait', { wait: 'connect' }), 3_000);
  assert.equal(mean('write_lag'), 4_000);
  assert.equal(mean('send_lag'), 10_000);
  assert.equal(mean('receive_error'), 100_000);
  assert.equal(mean('first_byte'), 700_000);
  assert.equal(mean('iteration_response_time', { outcome: 'ok' }), 1_000_000);
  assert.equal(total.counter('bytes_sent'), 120);
  assert.equal(total.counter('bytes_received'), 3_000);
  assert.equal(total.counter('operations', { outcome: 'ok' }), 1);
});

test('the bound on reading late is never more than the whole time since sending', () => {
  const world = new RecordedWorld();
  world.begin();
  world.operation({ intended: T0, sent: T0 + 50, free: T0 - 5_000, done: T0 + 1_050 });
  assert.equal(closed(world, T0 + SECOND).histogram('receive_error').max, 1_000);
});

test('a failed answer is kept apart, and its phases are not recorded', () => {
  const world = new RecordedWorld();
  world.begin();
  const failed = { intended: T0, done: T0 + MS, outcome: 'status_error', firstByteNs: 5 } as const;
  world.operation(failed);
  const total = closed(world, T0 + SECOND);
  assert.equal(total.histogram('response_time', { outcome: 'failed' }).count, 1);
  assert.equal(total.histogram('response_time', { outcome: 'ok' }).count, 0);
  assert.equal(total.histogram('service_time', { outcome: 'failed' }).count, 1);
  assert.equal(total.histogram('iteration_response_time', { outcome: 'failed' }).count, 1);
  assert.equal(total.histogram('first_byte').count, 0);
  assert.equal(total.histogram('send_lag').count, 1);
});

test('an operation that we ended ourselves has no latency', () => {
  for (const outcome of ['cancelled', 'interrupted'] as const) {
    const world = new RecordedWorld();
    world.begin();
    world.operation({ intended: T0, done: T0 + MS, outcome });
    const total = closed(world, T0 + SECOND);
    assert.equal(total.histogram('response_time').count, 0);
    assert.equal(total.counter('operations', { outcome }), 1);
  }
});

test('what was never sent has a response time and no service time', () => {
  const world = new RecordedWorld();
  world.begin();
  world.operation({ intended: T0, granted: 0, sent: 0, done: T0 + MS, outcome: 'connect_failed' });
  const total = closed(world, T0 + SECOND);
  assert.equal(total.histogram('response_time').mean, MS);
  const others = ['service_time', 'send_lag', 'write_lag', 'receive_error', 'turnaround'];
  for (const metric of others) assert.equal(total.histogram(metric).count, 0, metric);
  assert.equal(total.histogram('slot_wait', { wait: 'connect' }).count, 0);
});

test('turnaround is taken where the next request was due when the answer came', () => {
  const world = new RecordedWorld();
  world.begin();
  world.operation({ intended: T0, done: T0 + MS });
  // Intended at the answer before: a closed loop without think time.
  world.operation({ intended: T0 + MS, sent: T0 + MS + 300, done: T0 + 2 * MS });
  // Think time: the worker had nothing to do in between.
  world.operation({ intended: T0 + 9 * MS, sent: T0 + 9 * MS + 50, done: T0 + 10 * MS });
  const turnaround = closed(world, T0 + SECOND).histogram('turnaround');
  assert.equal(turnaround.count, 1);
  assert.equal(turnaround.mean, 300);
});

test('only operations that end between T0 and T1 count for throughput, whatever their phase', () => {
  const world = new RecordedWorld();
  world.begin({ startNs: T0 - 2 * SECOND, t1Ns: T0 + SECOND });
  const ends = (done: number, phase: number): void =>
    world.operation({ intended: done - MS, done }, { phase });
  ends(T0 - 1, WARMUP);
  ends(T0, WARMUP);
  ends(T0 + 5, MEASURE);
  ends(T0 + SECOND - 1, MEASURE);
  ends(T0 + SECOND, MEASURE);
  ends(T0 + SECOND + 7, WARMUP);
  const total = closed(world, T0 + 2 * SECOND);
  assert.equal(total.counter('ok_in_window', { phase: 'warmup' }), 1);
  assert.equal(total.counter('ok_in_window', { phase: 'measure' }), 2);
  assert.equal(total.durationSeconds, 1);
});

test('what is drained after a stop does not count for throughput', () => {
  const world = new RecordedWorld();
  world.begin({ t1Ns: T0 + 60 * SECOND });
  world.operation({ intended: T0, done: T0 + SECOND });
  world.times.stopNs = T0 + 2 * SECOND;
  world.workers[0]!.turn(T0 + 2 * SECOND);
  world.operation({ intended: T0, done: T0 + 3 * SECOND });
  world.workers[0]!.close(T0 + 3 * SECOND);
  world.collector.finish(T0 + 2 * SECOND);
  assert.equal(world.collector.total.counter('ok_in_window'), 1);
  assert.equal(world.collector.total.durationSeconds, 2);
});

test('stragglers of the warm-up count where T1 is only told later', () => {
  const world = new RecordedWorld();
  world.begin({ startNs: T0 - SECOND });
  world.times.endsByTime = true;
  world.operation({ intended: T0 - MS, done: T0 + MS }, { phase: WARMUP });
  world.operation({ intended: T0, done: T0 + 2 * MS });
  world.times.t1Ns = T0 + SECOND;
  world.operation({ intended: T0, done: T0 + 2 * SECOND });
  const total = closed(world, T0 + 3 * SECOND);
  assert.equal(total.counter('ok_in_window', { phase: 'warmup' }), 1);
  assert.equal(total.counter('ok_in_window', { phase: 'measure' }), 1);
});

test('stragglers of the warm-up do not count for a load that ends by count', () => {
  const world = new RecordedWorld();
  world.begin({ startNs: T0 - SECOND });
  world.operation({ intended: T0 - MS, done: T0 + MS }, { phase: WARMUP });
  world.operation({ intended: T0, done: T0 + 2 * MS });
  const total = closed(world, T0 + SECOND);
  assert.equal(total.counter('ok_in_window', { phase: 'warmup' }), 0);
  assert.equal(total.counter('ok_in_window', { phase: 'measure' }), 1);
  assert.equal(total.durationSeconds, (2 * MS) / SECOND);
});

test('goodput and items count beside the operation that just finished', () => {
  const world = new RecordedWorld();
  world.begin({ t1Ns: T0 + SECOND });
  for (const done of [T0 + 1, T0 + SECOND + 1]) {
    world.operation({ intended: T0, done });
    world.workers[0]!.items(MEASURE, 0, 8);
    world.workers[0]!.goodput(MEASURE, 0);
  }
  const total = closed(world, T0 + 2 * SECOND);
  const counts = ['items', 'items_in_window', 'goodput', 'goodput_in_window'].map((metric) =>
    total.counter(metric),
  );
  assert.deepEqual(counts, [16, 8, 2, 1]);
});

test('a response later than the limit of its flow counts as late', () => {
  const world = new RecordedWorld({ latencyLimitsNs: [10 * MS] });
  world.begin();
  world.operation({ intended: T0, done: T0 + 10 * MS });
  world.operation({ intended: T0, done: T0 + 10 * MS + 1 });
  world.operation({ intended: T0, done: T0 + 20 * MS, outcome: 'timeout' });
  world.operation({ intended: T0, done: T0 + 20 * MS, outcome: 'interrupted' });
  assert.equal(closed(world, T0 + SECOND).counter('late'), 2);
});

test('a value that is not a number is a bug and no sample', () => {
  const world = new RecordedWorld();
  world.begin();
  assert.throws(() => world.operation({ intended: Number.NaN, done: T0 }), {
    code: 'BUG',
    message: /response_time/,
  });
});

test('an operation of a phase that has not begun is a bug', () => {
  const world = new RecordedWorld();
  assert.throws(() => world.operation({ intended: 1, done: 2 }), { code: 'BUG' });
});
