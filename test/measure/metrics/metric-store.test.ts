import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricStore } from '../../../src/measure/metrics/metric-store.ts';
import { MEASURE, WARMUP } from '../../../src/measure/metrics/outcome.ts';
import { throughputPerSecond, ratePerSecond } from '../../../src/measure/metrics/throughput.ts';
import { randomPlan } from './random-load.ts';
import { MS, RecordedWorld, SECOND } from './recorded-world.ts';

const T0 = 10 * SECOND;

/** `count` operations of a lane that end at T0 + `atMs`, each in an iteration of its own. */
function record(
  world: RecordedWorld,
  count: number,
  what: {
    lane?: number;
    phase?: number;
    atMs?: number;
    latencyMs?: number;
    outcome?: 'ok' | 'timeout' | 'cancelled' | 'interrupted' | 'rejected';
    firstByteNs?: number;
  } = {},
): void {
  const { lane = 0, phase = MEASURE, atMs = 100, latencyMs = 10, outcome = 'ok', ...rest } = what;
  const recorder = world.workers[0]!;
  const flow = world.layout.lanes[lane]!.flow;
  const done = T0 + atMs * MS;
  for (let index = 0; index < count; index++) {
    recorder.due(phase, flow, 1);
    recorder.started(phase, flow, 0);
    recorder.attempted(phase, lane, 0);
    const stamps = { intended: done - latencyMs * MS, done, outcome, ...rest };
    world.finish(stamps, { phase, lane });
    const end = { outcome: outcome === 'ok' ? 0 : 2, responseTimeNs: latencyMs * MS };
    recorder.ended(phase, flow, 0, end);
  }
}

function unsent(world: RecordedWorld, flow: number, count: number): void {
  world.workers[0]!.due(MEASURE, flow, count);
  world.workers[0]!.unsent(MEASURE, flow, 1, count);
}

function worldOf(plan = randomPlan): RecordedWorld {
  const world = new RecordedWorld({ plan });
  world.begin({ startNs: T0 - SECOND, t1Ns: T0 + 10 * SECOND });
  return world;
}

function totalOf(world: RecordedWorld): MetricStore {
  world.workers[0]!.close(T0 + 10 * SECOND);
  world.collector.finish();
  return world.collector.total;
}

test('series that match are added count for count, and phase is measure unless named', () => {
  const world = worldOf();
  record(world, 3, { lane: 0 });
  record(world, 4, { lane: 1 });
  record(world, 5, { lane: 3 });
  record(world, 7, { lane: 0, phase: WARMUP, atMs: -50 });
  const total = totalOf(world);
  assert.equal(total.counter('operations'), 12);
  assert.equal(total.counter('operations', { step: 'embed' }), 7);
  assert.equal(total.counter('operations', { tenant: 'pro', outcome: 'ok' }), 4);
  assert.equal(total.counter('operations', { phase: 'warmup' }), 7);
  assert.equal(total.counter('operations', { step: 'nothing' }), 0);
  assert.equal(total.histogram('response_time', { flow: 'main' }).count, 7);
});

test('outcome failed stands for every failed outcome of an operation', () => {
  const world = worldOf();
  record(world, 2, { outcome: 'timeout' });
  record(world, 3, { outcome: 'rejected' });
  record(world, 4, { outcome: 'cancelled' });
  record(world, 5, { outcome: 'interrupted' });
  record(world, 6);
  const total = totalOf(world);
  assert.equal(total.counter('operations', { outcome: 'failed' }), 5);
  assert.equal(total.counter('operations', { outcome: 'timeout' }), 2);
  assert.deepEqual(total.share('error_rate'), { part: 10, whole: 16 });
});

test('the values of a tag come in the order in which they were declared', () => {
  const total = MetricStore.empty(worldOf().layout);
  assert.deepEqual(total.tagValues('response_time', 'step'), ['embed', 'knn', 'ping']);
  assert.deepEqual(total.tagValues('slot_wait', 'wait'), ['cap', 'connect']);
  assert.deepEqual(total.tagValues('error_rate', 'target'), ['e', 'v']);
  assert.deepEqual(total.tagValues('unsent', 'step'), []);
});

test('what failed, was interrupted or was never sent ranks behind every answer', () => {
  const world = worldOf();
  record(world, 950, { lane: 0, latencyMs: 10 });
  record(world, 20, { lane: 0, outcome: 'timeout', latencyMs: 1 });
  record(world, 10, { lane: 1, outcome: 'interrupted' });
  record(world, 5, { lane: 1, outcome: 'cancelled' });
  unsent(world, 0, 20);
  const ranked = totalOf(world).ranked('response_time', { step: 'embed' });
  assert.equal(ranked.total, 1_000);
  assert.equal(ranked.neverAnswered, 50);
  const p95 = ranked.percentile(95);
  assert.ok(p95.kind === 'value' && Math.abs(p95.value - 10 * MS) < (10 * MS) / 1_000);
  assert.deepEqual(ranked.percentile(99), { kind: 'not-answered', share: 0.05 });
});

test('unsent iterations rank in the first step of their flow and not in later ones', () => {
  const world = worldOf();
  record(world, 10, { lane: 0 });
  record(world, 10, { lane: 2 });
  unsent(world, 0, 5);
  unsent(world, 1, 3);
  const total = totalOf(world);
  assert.equal(total.ranked('response_time', { step: 'embed' }).neverAnswered, 5);
  assert.equal(total.ranked('response_time', { step: 'knn' }).neverAnswered, 0);
  assert.equal(total.ranked('response_time', { step: 'ping' }).neverAnswered, 3);
  assert.equal(total.ranked('response_time').neverAnswered, 8);
  assert.equal(total.ranked('response_time', { tenant: 'pro' }).neverAnswered, 5);
  assert.equal(total.ranked('iteration_response_time', { flow: 'main' }).neverAnswered, 5);
});

test('an iteration that failed or was interrupted never answered its user', () => {
  const world = worldOf();
  record(world, 8);
  const recorder = world.workers[0]!;
  for (const outcome of [1, 2, 3]) {
    recorder.due(MEASURE, 0, 1);
    recorder.started(MEASURE, 0, 0);
    recorder.ended(MEASURE, 0, 0, { outcome, responseTimeNs: MS });
  }
  const ranked = totalOf(world).ranked('iteration_response_time');
  assert.deepEqual([ranked.answered.count, ranked.neverAnswered], [8, 3]);
});

test('a phase of the driver ranks with the operations of the steps that have it', () => {
  const world = worldOf();
  record(world, 6, { lane: 0, firstByteNs: 100 });
  record(world, 2, { lane: 0, outcome: 'timeout' });
  record(world, 9, { lane: 2, outcome: 'timeout' });
  const ranked = totalOf(world).ranked('first_byte');
  assert.deepEqual([ranked.answered.count, ranked.neverAnswered], [6, 2]);
});

test('a named outcome and a lag are ranked over what was recorded', () => {
  const world = worldOf();
  record(world, 100);
  record(world, 100, { outcome: 'timeout', latencyMs: 500 });
  const total = totalOf(world);
  assert.equal(total.ranked('response_time', { outcome: 'ok' }).neverAnswered, 0);
  assert.equal(total.ranked('response_time', { outcome: 'failed' }).total, 100);
  assert.equal(total.ranked('send_lag').total, 200);
});

test('below its floor a percentile says what it needs and what it would be', () => {
  const world = worldOf();
  record(world, 60, { latencyMs: 7 });
  record(world, 3, { outcome: 'timeout' });
  const ranked = totalOf(world).ranked('response_time');
  const p90 = ranked.percentile(90);
  assert.ok(p90.kind === 'too-few' && p90.needs === 64);
  assert.ok(Math.abs(p90.value - 7 * MS) < (7 * MS) / 1_000);
  assert.deepEqual(ranked.percentile(99), { kind: 'too-few', needs: 662, value: Infinity });
  assert.equal(ranked.percentile(50).kind, 'value');
});

test('the share of unsent is of what was planned, of an outcome of what was attempted', () => {
  const world = worldOf();
  record(world, 90);
  record(world, 6, { outcome: 'timeout' });
  unsent(world, 0, 4);
  const total = totalOf(world);
  assert.deepEqual(total.share('unsent'), { part: 4, whole: 100 });
  assert.deepEqual(total.share('unsent', { reason: 'no_slot' }), { part: 4, whole: 100 });
  assert.deepEqual(total.share('operations', { outcome: 'timeout' }), { part: 6, whole: 96 });
  assert.deepEqual(total.share('iterations', { outcome: 'ok' }), { part: 90, whole: 96 });
});

test('dropping does not improve the share of goodput', () => {
  const world = worldOf();
  const good = (lane: number, count: number): void => {
    record(world, count, { lane });
    for (let index = 0; index < count; index++) world.workers[0]!.goodput(MEASURE, lane);
  };
  good(0, 50);
  record(world, 10, { lane: 1 });
  unsent(world, 0, 40);
  const total = totalOf(world);
  assert.deepEqual(total.share('goodput', { step: 'embed' }), { part: 50, whole: 100 });
  // Which tenant an unsent iteration would have been of is not known: it counts for each.
  assert.deepEqual(total.share('goodput', { tenant: 'free' }), { part: 50, whole: 90 });
});

test('throughput counts what ended ok between T0 and T1 over T1 − T0', () => {
  const world = worldOf();
  record(world, 30, { phase: WARMUP, atMs: 5 });
  record(world, 300, { atMs: 2_000 });
  record(world, 5, { atMs: 2_000, outcome: 'timeout' });
  record(world, 40, { atMs: 10_500 });
  world.workers[0]!.close(T0 + 11 * SECOND);
  world.collector.finish();
  const { total } = world.collector;
  assert.equal(throughputPerSecond(total), 33);
  assert.equal(throughputPerSecond(total, { step: 'embed' }), 33);
  assert.equal(ratePerSecond(total, 'operations', { outcome: 'timeout' }), 0.5);
});

test('a gauge keeps its last, lowest, highest and average level over the seconds', () => {
  const world = worldOf();
  const recorder = world.workers[0]!;
  for (const [second, level] of [4, 8, 3].entries()) {
    recorder.waiting(MEASURE, 0, level);
    recorder.waiting(MEASURE, 1, 1);
    recorder.turn(T0 + (second + 1) * SECOND);
    world.collector.poll();
  }
  const gauge = world.collector.total.gauge('waiting', { flow: 'main' });
  assert.deepEqual([gauge.last, gauge.min, gauge.max, gauge.average, gauge.count], [3, 3, 8, 5, 3]);
  assert.equal(world.collector.total.gauge('waiting').average, 6);
  assert.equal(world.collector.total.gauge('nothing').count, 0);
});

test('records are plain JSON from which the same store is made', () => {
  const world = worldOf();
  record(world, 700, { latencyMs: 3, firstByteNs: 1_234_567 });
  record(world, 20, { lane: 1, outcome: 'timeout' });
  unsent(world, 0, 9);
  const total = totalOf(world);
  const saved = JSON.parse(
    JSON.stringify({
      declarations: [...total.declarations.values()],
      durationSeconds: total.durationSeconds,
      records: total.toRecords(),
    }),
  );
  const read = MetricStore.fromRecords(saved);
  assert.deepEqual(read.toRecords(), total.toRecords());
  assert.deepEqual(read.share('error_rate'), total.share('error_rate'));
  assert.equal(read.ranked('response_time').neverAnswered, 29);
  assert.deepEqual(
    read.ranked('first_byte', { tenant: 'free' }).percentile(99),
    total.ranked('first_byte', { tenant: 'free' }).percentile(99),
  );
  assert.equal(throughputPerSecond(read), 70);
  assert.equal(read.gauge('waiting').count, total.gauge('waiting').count);
});

test('stores of two halves add up to that of the whole', () => {
  const whole = worldOf();
  const halves = [worldOf(), worldOf()];
  for (const [index, latencyMs] of [1, 2, 3, 4, 5, 6].entries()) {
    record(whole, 50, { lane: index % 4, latencyMs });
    record(halves[index % 2]!, 50, { lane: index % 4, latencyMs });
  }
  const sum = MetricStore.empty(whole.layout);
  for (const half of halves) sum.add(totalOf(half));
  const counted = (store: MetricStore) => store.toRecords().filter(({ kind }) => kind !== 'gauge');
  assert.deepEqual(counted(sum), counted(totalOf(whole)));
});
