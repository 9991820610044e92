import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEASURE } from '../../../src/measure/metrics/outcome.ts';
import { MetricStore } from '../../../src/measure/metrics/metric-store.ts';
import { layoutSeries } from '../../../src/measure/metrics/series-layout.ts';
import { checkThreshold } from '../../../src/measure/thresholds/check-threshold.ts';
import { evaluateThresholds } from '../../../src/measure/thresholds/evaluate-thresholds.ts';
import { catalogueOf } from '../../../src/measure/thresholds/metric-catalogue.ts';
import { thresholdSchema } from '../../../src/measure/thresholds/threshold-schema.ts';
import { MS, RecordedWorld, SECOND } from '../metrics/recorded-world.ts';
import { STREAMING_LANES } from '../metrics/streaming-lanes.ts';

const T0 = 10 * SECOND;
const plan = { flows: [{ name: 'main', tags: {} }], lanes: STREAMING_LANES };

test('thresholds take what a driver measures by its name, with the unit of the metric', () => {
  const catalogue = catalogueOf(layoutSeries(plan));
  const messageOf = (text: string): string | undefined =>
    checkThreshold(thresholdSchema.parse(text), catalogue)[0]?.message;
  for (const text of [
    'ttft p(90) < 500ms',
    'tokens_in_first_chunk p(99) <= 4',
    'chunk_bytes max < 64KiB',
    'inter_token_latency{step:chat} p(99) < 50ms',
    'output_tokens rate >= 400/s',
    'output_tokens count > 0',
    'retries{step:*} share < 1%',
  ]) {
    assert.equal(messageOf(text), undefined, text);
  }
  assert.match(messageOf('tokens_in_first_chunk p(99) < 4ms')!, /needs another unit/);
  assert.match(messageOf('output_tokens share < 1%')!, /has no share/);
  assert.match(messageOf('ttft{step:embed} avg < 1s')!, /no series with step:embed/);
});

test('they are judged by what the driver counted and sampled', () => {
  const world = new RecordedWorld({ plan });
  world.begin({ t1Ns: T0 + 10 * SECOND });
  world.times.endsByTime = true;
  const slots = world.slots[0]!;
  for (let index = 0; index < 1_000; index++) {
    world.workers[0]!.attempted(MEASURE, 0, 0);
    slots.counts[0]![0]! += 40;
    slots.counts[1]![0]! += index < 5 ? 1 : 0;
    slots.samples[0]!.add(0, index === 0 ? 90 * MS : 10 * MS);
    world.finish({ intended: T0, done: T0 + MS });
  }
  world.workers[0]!.close(T0 + 10 * SECOND);
  world.collector.finish();
  const total = world.collector.total;
  total.durationSeconds = 10;
  const judged = (text: string) => {
    const [{ status, observed } = assert.fail()] = evaluateThresholds(
      [thresholdSchema.parse(text)],
      total,
      {},
    );
    return [status, observed?.value];
  };
  assert.deepEqual(judged('output_tokens rate >= 4000/s'), ['passed', 4_000]);
  assert.deepEqual(judged('output_tokens count < 40000'), ['failed', 40_000]);
  assert.deepEqual(judged('retries share < 0.4%'), ['failed', 0.005]);
  assert.deepEqual(judged('inter_token_latency max <= 50ms'), ['failed', 90 * MS]);
  assert.equal(judged('inter_token_latency p(99) < 11ms')[0], 'passed');
});

const PACE = {
  name: 'token_pace',
  kind: 'gauge',
  unit: 'count',
  description: 'Output tokens a second.',
  better: 'higher',
  rateOf: 'output_tokens',
} as const;

test('a rate with a name of its own takes last alone, and is the counter by the time', () => {
  const layout = layoutSeries({ ...plan, rates: [PACE, { ...PACE, name: 'no', rateOf: 'none' }] });
  const catalogue = catalogueOf(layout);
  const messageOf = (text: string): string | undefined =>
    checkThreshold(thresholdSchema.parse(text), catalogue)[0]?.message;
  assert.equal(messageOf('token_pace{step:chat} last >= 20'), undefined);
  assert.match(messageOf('token_pace avg >= 20')!, /which has no avg/);
  assert.match(messageOf('no last >= 20')!, /there is no metric no/);
  const store = MetricStore.ofValues(
    layout.counters
      .filter(({ declaration }) => declaration.name.startsWith('output_tokens'))
      .map((series) => ({ ...series, value: 1_200 })),
    'measure',
  );
  store.add(MetricStore.empty(layout));
  store.durationSeconds = 60;
  const [judged = assert.fail()] = evaluateThresholds(
    [thresholdSchema.parse('token_pace{step:chat} last >= 20')],
    store,
    {},
  );
  assert.deepEqual([judged.status, judged.observed?.value], ['passed', 20]);
  assert.deepEqual(store.seriesTags('token_pace'), store.seriesTags('output_tokens'));
});
