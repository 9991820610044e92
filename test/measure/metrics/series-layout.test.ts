import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricDeclaration } from '../../../src/measure/metrics/metric.ts';
import { OUTCOMES, UNSENT_REASONS } from '../../../src/measure/metrics/outcome.ts';
import { seriesKey } from '../../../src/measure/metrics/series-key.ts';
import { layoutSeries, type SeriesPlan } from '../../../src/measure/metrics/series-layout.ts';
import { allocateRecorder, memoryBytes } from '../../../src/measure/metrics/shared-recorder.ts';

const connectTime: MetricDeclaration = {
  name: 'connect_time',
  kind: 'histogram',
  unit: 'ns',
  description: 'DNS, connect and TLS.',
  better: 'lower',
};

const plan: SeriesPlan = {
  flows: [
    { name: 'main', tags: { team: 'search' } },
    { name: 'probe', tags: {} },
  ],
  lanes: [
    { flow: 0, step: 'embed', target: 'e', tags: { tenant: 'free' }, phases: [connectTime] },
    { flow: 0, step: 'embed', target: 'e', tags: { tenant: 'pro' }, phases: [connectTime] },
    { flow: 0, step: 'knn', target: 'v', tags: {}, phases: [], slo: false },
    { flow: 1, step: 'ping', target: 'v', tags: {}, phases: [], stamps: 'call' },
  ],
};

test('no two series have the same metric and tags', () => {
  const { counters, histograms } = layoutSeries(plan);
  const names = [...counters, ...histograms].map(({ declaration, tags }) =>
    seriesKey(declaration.name, tags),
  );
  assert.equal(new Set(names).size, names.length);
});

test('the layout is the same on every thread that computes it', () => {
  assert.deepEqual(layoutSeries(structuredClone(plan)), layoutSeries(plan));
});

test('a series has the tags of its flow and its step', () => {
  const { counters, histograms } = layoutSeries(plan);
  const attempted = counters.filter(({ declaration }) => declaration.name === 'attempted');
  assert.deepEqual(attempted[1]!.tags, {
    team: 'search',
    tenant: 'pro',
    flow: 'main',
    step: 'embed',
    target: 'e',
  });
  const connect = histograms.filter(({ declaration }) => declaration.name === 'connect_time');
  assert.deepEqual(
    connect.map(({ tags }) => [tags.tenant, tags.outcome]),
    [
      ['free', 'ok'],
      ['pro', 'ok'],
    ],
  );
});

test('every outcome and every unsent reason has its counter', () => {
  const { counters } = layoutSeries(plan);
  const values = (metric: string, tag: string): (string | undefined)[] =>
    counters
      .filter(({ declaration, tags }) => declaration.name === metric && tags.flow === 'probe')
      .map(({ tags }) => tags[tag]);
  assert.deepEqual(values('operations', 'outcome'), [...OUTCOMES]);
  assert.deepEqual(values('unsent', 'reason'), [...UNSENT_REASONS]);
});

test('the first step of a flow is marked in all of its series', () => {
  const firsts = layoutSeries(plan).counters.filter(({ first }) => first);
  assert.deepEqual(
    firsts.map(({ declaration, tags }) => [declaration.name, tags.step, tags.tenant]),
    [
      ['attempted', 'embed', 'free'],
      ['attempted', 'embed', 'pro'],
      ['attempted', 'ping', undefined],
    ],
  );
});

test('a client that hides its socket has a call_time and no service_time', () => {
  const { histograms } = layoutSeries(plan);
  const names = histograms
    .filter(({ tags }) => tags.step === 'ping')
    .map(({ declaration }) => declaration.name);
  assert.ok(names.includes('call_time'));
  assert.ok(!names.includes('service_time'));
});

test('goodput is counted for steps that have an slo', () => {
  const steps = layoutSeries(plan)
    .counters.filter(({ declaration }) => declaration.name === 'goodput')
    .map(({ tags }) => tags.step);
  assert.deepEqual(steps, ['embed', 'embed', 'ping']);
});

test('more than a thousand series are refused with their number', () => {
  const tags = Array.from({ length: 40 }, (_, index) => ({ bucket: String(index) }));
  const lanes = tags.map((own) => ({ ...plan.lanes[0]!, tags: own }));
  assert.throws(() => layoutSeries({ ...plan, lanes }), {
    code: 'TOO_MANY_SERIES',
    message: /needs 1\d\d\d series, and the limit is 1000/,
  });
});

test('the memory that is announced is the memory that is allocated', () => {
  const layout = layoutSeries(plan);
  const allocated = bytesIn(allocateRecorder(layout, 64));
  assert.equal(memoryBytes(layout, 64, 1), allocated);
  assert.equal(memoryBytes(layout, 64, 3), 3 * allocated);
});

function bytesIn(value: unknown): number {
  if (value instanceof SharedArrayBuffer) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + bytesIn(part), 0);
}
