import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measuredSource } from '../../../src/reports/measured-source.ts';
import { metricsJson } from '../../../src/results/interchange/metrics-json.ts';
import type { Result } from '../../../src/results/schema/result.ts';
import { closedResult, openResult, tinyResult } from '../../reports/sample-results.ts';

const WHEN = '2026-11-22T10:34:26.000Z';

test('an open run gives response time, and null with the reason where it was not answered', () => {
  const result = openResult();
  const source = measuredSource(result);
  const metrics = metricsJson(result, source, WHEN);
  const p50 = source.ranked('response_time').percentile(50);
  assert.ok(p50.kind === 'value');
  assert.equal(metrics.latency_ms.p50, p50.value / 1e6);
  assert.equal(metrics.latency_ms.p99, null);
  assert.deepEqual(metrics.thin, []);
  assert.match(metrics.notes, /latency_ms is response_time \(open model\)/);
  assert.match(metrics.notes, /p99 not answered: 4\.00%/);
  assert.equal(metrics.config.concurrency, null);
  assert.deepEqual(metrics.errors, { rate: 44 / 1_964, timeouts: 40 });
});

test('a closed run gives service time and its virtual users', () => {
  const metrics = measured(closedResult());
  assert.match(metrics.notes, /latency_ms is service_time \(closed model\)/);
  assert.equal(metrics.config.concurrency, 64);
  assert.deepEqual(metrics.throughput, { value: 600, unit: 'operations/s' });
  assert.equal(metrics.component, 'inference');
});

test('what is not known is null and never 0', () => {
  const metrics = measured(closedResult());
  assert.deepEqual(metrics.resource, {
    gpu_util: null,
    gpu_mem_mb: null,
    cpu_util: null,
    ram_mb: null,
  });
  assert.deepEqual([metrics.config.gpus, metrics.config.nodes, metrics.service], [null, null, null]);
});

test('percentiles of too few samples are null and listed as thin', () => {
  const metrics = measured(tinyResult());
  assert.deepEqual(Object.values(metrics.latency_ms), [null, null, null, null]);
  assert.deepEqual(metrics.thin, ['p50', 'p90', 'p95', 'p99']);
});

test('labels give gpus, nodes and batch as numbers, where they are numbers', () => {
  const result = { ...closedResult(), labels: { gpus: '2', nodes: 'four', batch: '' } };
  assert.deepEqual(measured(result).config, { gpus: 2, nodes: null, batch: null, concurrency: 64 });
});

function measured(result: Result) {
  return metricsJson(result, measuredSource(result), WHEN);
}
