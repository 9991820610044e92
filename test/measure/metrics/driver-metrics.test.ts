import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isReservedMetric, ownMetrics } from '../../../src/measure/metrics/driver-metrics.ts';
import { MEASURE, WARMUP, type Outcome } from '../../../src/measure/metrics/outcome.ts';
import { NO_SERIES } from '../../../src/measure/metrics/series-layout.ts';
import { SAMPLES_LIMIT } from '../../../src/measure/metrics/slot-samples.ts';
import { ratePerSecond } from '../../../src/measure/metrics/throughput.ts';
import { MS, RecordedWorld, SECOND } from './recorded-world.ts';
import { STREAMING_LANES, TOKENS_IN_FIRST } from './streaming-lanes.ts';

const T0 = 10 * SECOND;

function worldOf(times: Parameters<RecordedWorld['begin']>[0] = {}): RecordedWorld {
  const world = new RecordedWorld({
    plan: { flows: [{ name: 'main', tags: {} }], lanes: STREAMING_LANES },
  });
  world.begin(times);
  return world;
}

interface Operation {
  readonly lane?: number;
  readonly doneNs?: number;
  readonly phase?: number;
  readonly outcome?: Outcome;
  readonly tokens?: number;
  readonly retries?: number;
  readonly gapsNs?: readonly number[];
  readonly tokensInFirst?: number;
}

function run(world: RecordedWorld, operation: Operation): void {
  const { lane = 0, doneNs = T0 + MS, phase = MEASURE, outcome = 'ok' } = operation;
  const slots = world.slots[0]!;
  world.workers[0]!.attempted(phase, lane, 0);
  slots.counts[0]![0]! += operation.tokens ?? 0;
  slots.counts[1]![0]! += operation.retries ?? 0;
  for (const gapNs of operation.gapsNs ?? []) slots.samples[0]!.add(0, gapNs);
  slots.phases[1]![0] = operation.tokensInFirst ?? Number.NaN;
  world.finish({ intended: doneNs - MS, done: doneNs, outcome }, { lane, phase });
}

function closed(world: RecordedWorld) {
  world.workers[0]!.close(T0 + 100 * SECOND);
  world.collector.finish();
  return world.collector.total;
}

test('a counter of a driver sums over all operations of its step, whatever their outcome', () => {
  const world = worldOf();
  run(world, { tokens: 7 });
  run(world, { tokens: 5, retries: 1 });
  run(world, { tokens: 3, outcome: 'timeout' });
  run(world, { lane: 1, retries: 2 });
  run(world, { lane: 2 });
  const total = closed(world);
  assert.equal(total.counter('output_tokens'), 15);
  assert.equal(total.counter('retries', { step: 'chat' }), 1);
  assert.equal(total.counter('retries'), 3);
});

test('a share of retries is one of what was attempted in the steps that can have them', () => {
  const world = worldOf();
  run(world, { retries: 1 });
  run(world, {});
  run(world, { lane: 1 });
  const total = closed(world);
  assert.deepEqual(total.share('retries', { step: 'chat' }), { part: 1, whole: 2 });
  assert.deepEqual(total.share('output_tokens'), { part: 0, whole: 0 });
});

test('the rate of a counter is over operations that ended in the measured time', () => {
  const world = worldOf({ startNs: T0 - SECOND, t0Ns: T0, t1Ns: T0 + 10 * SECOND });
  world.times.endsByTime = true;
  run(world, { tokens: 1_000, phase: WARMUP, doneNs: T0 - 1 });
  run(world, { tokens: 100, phase: WARMUP, doneNs: T0 + MS });
  run(world, { tokens: 10, doneNs: T0 + 10 * SECOND - 1 });
  run(world, { tokens: 1, doneNs: T0 + 10 * SECOND });
  const total = closed(world);
  total.durationSeconds = 10;
  assert.equal(ratePerSecond(total, 'output_tokens'), 11);
  assert.equal(total.counter('output_tokens'), 11);
  assert.equal(total.counter('output_tokens', { phase: 'warmup' }), 1_100);
});

test('an operation may have any number of values of a sampled metric, and of an ok one all count', () => {
  const world = worldOf();
  run(world, { gapsNs: [1 * MS, 2 * MS, 3 * MS] });
  run(world, { gapsNs: [] });
  run(world, { gapsNs: [50 * MS], outcome: 'protocol_error' });
  run(world, { gapsNs: [4 * MS] });
  const gaps = closed(world).histogram('inter_token_latency');
  assert.deepEqual([gaps.count, gaps.min, gaps.max, gaps.mean], [4, MS, 4 * MS, 2.5 * MS]);
});

test('values beyond the limit of an operation are counted, and the next operation has its own', () => {
  const world = worldOf();
  run(world, { gapsNs: Array.from({ length: SAMPLES_LIMIT + 3 }, () => MS) });
  run(world, { gapsNs: [MS] });
  const total = closed(world);
  assert.equal(total.histogram('inter_token_latency').count, SAMPLES_LIMIT + 1);
  assert.equal(total.counter('samples_left_out'), 3);
});

test('counts and sizes are kept exactly up to 2,048 and within a thousandth beyond', () => {
  const world = worldOf();
  for (const tokensInFirst of [0, 1, 17, 2_047, 1_000_000]) run(world, { tokensInFirst });
  const view = closed(world).histogram('tokens_in_first_chunk');
  const values = [20, 40, 60, 80].map((percent) => view.percentile(percent));
  assert.deepEqual(values, [0, 1, 17, 2_047]);
  assert.equal(view.max, 1_000_000);
});

test('a step lays out no series for what it cannot have', () => {
  const { layout } = worldOf();
  const [chat, embed, health] = layout.lanes;
  assert.deepEqual(embed!.phases, [NO_SERIES, NO_SERIES]);
  assert.equal(embed!.samplesLeftOut, NO_SERIES);
  assert.deepEqual(health!.counters, []);
  const named = (name: string) =>
    [...layout.counters, ...layout.histograms].filter((one) => one.declaration.name === name);
  assert.deepEqual(
    named('ttft').map(({ tags }) => tags['step']),
    ['chat'],
  );
  assert.deepEqual(
    named('retries').map(({ tags }) => tags['step']),
    ['chat', 'embed'],
  );
  assert.equal(layout.histograms[chat!.phases[1]!]!.declaration, TOKENS_IN_FIRST);
});

test('feeding what the verb says it does not feed is a bug of the driver', () => {
  for (const wrong of [{ tokens: 1 }, { gapsNs: [MS] }]) {
    assert.throws(() => run(worldOf(), { lane: 1, ...wrong }), /says it does not/);
  }
});

test('random operations add up to a recount, also where steps of two drivers share a slot', () => {
  const operation = fc.record({
    lane: fc.constantFrom(0, 2),
    outcome: fc.constantFrom<Outcome>('ok', 'ok', 'ok', 'timeout', 'interrupted'),
    tokens: fc.nat(1_000),
    gapsNs: fc.array(fc.integer({ min: 0, max: 1e9 }), { maxLength: 40 }),
    seconds: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (drawn) => {
      const world = worldOf();
      const all = drawn
        .toSorted((one, other) => one.seconds - other.seconds)
        .map((one) => (one.lane === 0 ? one : { ...one, tokens: 0, gapsNs: [] }));
      for (const { seconds, ...one } of all) run(world, { ...one, doneNs: T0 + seconds * SECOND });
      const total = closed(world);
      const tokens = all.reduce((sum, one) => sum + one.tokens, 0);
      const ok = all.filter(({ outcome }) => outcome === 'ok').flatMap(({ gapsNs }) => gapsNs);
      const gaps = total.histogram('inter_token_latency');
      assert.equal(total.counter('output_tokens'), tokens);
      assert.equal(gaps.count, ok.length);
      assert.equal(
        gaps.sum,
        ok.reduce((sum, gapNs) => sum + gapNs, 0),
      );
      assert.equal(gaps.max, Math.max(0, ...ok));
    }),
  );
});

test('what was declared by drivers and scenarios is told from what loadgen counts itself', () => {
  const { layout } = worldOf();
  const names = ownMetrics(new Map(layout.declarations.map((one) => [one.name, one])));
  assert.deepEqual(
    new Set(names.map(({ name }) => name)),
    new Set([
      'ttft',
      'tokens_in_first_chunk',
      'inter_token_latency',
      'chunk_bytes',
      'output_tokens',
      'retries',
    ]),
  );
  assert.ok(isReservedMetric('response_time') && isReservedMetric('output_tokens_in_window'));
});
