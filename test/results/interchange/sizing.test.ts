import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measuredSource } from '../../../src/reports/measured-source.ts';
import type { ServerUse } from '../../../src/results/interchange/server-use.ts';
import { sizingOf } from '../../../src/results/interchange/sizing.ts';
import type { Result } from '../../../src/results/schema/result.ts';
import type { Sizing } from '../../../src/results/schema/sizing.ts';
import { closedResult, tinyResult } from '../../reports/sample-results.ts';

const MACHINE = {
  ...{ host: 'here', platform: 'linux', architecture: 'arm64' },
  ...{ cpu: 'A processor', cores: 8, memoryBytes: 64 * 2 ** 30 },
};
const LABELS = {
  framework: 'faster-whisper',
  model: 'tiny',
  modelSize: '39M',
  threads: '2',
  cpuLimit: '0.5',
};

function sizing(result: Result, use?: ServerUse): Sizing {
  return sizingOf({
    result,
    source: measuredSource(result),
    timestamp: '2026-11-22T10:34:26.000Z',
    machine: MACHINE,
    ...(use && { use: Object.fromEntries(result.targets.map(({ name }) => [name, use])) }),
  });
}

function labelled(result: Result, labels: Readonly<Record<string, string>>): Result {
  return { ...result, targets: result.targets.map((target) => ({ ...target, labels })) };
}

test('a record has the machine, the limits and the figures of a trial', () => {
  const use = { modelLoadTimeMs: null, peakMemoryMb: 161, cpuUtilizationPercent: 49.5 };
  const [record] = sizing(labelled(tinyResult(), LABELS), use);
  assert.ok(record);
  const { architecture, cpu, cores, memory_gb } = record;
  assert.deepEqual([architecture, cpu, cores, memory_gb], ['arm64', 'A processor', 8, 64]);
  const { model, model_size, threads, cpu_limit } = record;
  assert.deepEqual([model, model_size, threads, cpu_limit], ['tiny', '39M', 2, 0.5]);
  // Nine operations of 1 to 9 ms in a second.
  const { iterations, failed, average_latency_ms, total_time_s, requests_per_second } = record;
  assert.deepEqual([iterations, failed, average_latency_ms], [9, 0, 5]);
  assert.deepEqual([total_time_s, requests_per_second], [1, 9]);
  assert.deepEqual([record.peak_memory_mb, record.cpu_utilization_pct], [161, 49.5]);
});

test('the point of a sweep is told, and what failed is not among the iterations', () => {
  const [record] = sizing(labelled(closedResult(), LABELS));
  assert.deepEqual(record!.point, closedResult().axes);
  const { attempted, operations } = closedResult().accounts.measure;
  assert.equal(record!.iterations, operations['ok']);
  assert.equal(record!.failed, attempted - operations['ok']!);
});

test('what nobody said or saw is null, and of a machine elsewhere nothing is known', () => {
  const result = labelled(tinyResult(), { model: 'tiny', cpuLimit: 'half' });
  const targets = result.targets.map((target) => ({ ...target, url: 'http://10.0.0.7:8000', server: null }));
  const [record] = sizing({ ...result, targets });
  assert.ok(record);
  const { architecture, cpu, cores, memory_gb, framework, model_size } = record;
  assert.deepEqual([architecture, cpu, cores, memory_gb], [null, null, null, null]);
  assert.deepEqual([framework, model_size, record.threads], [null, null, null]);
  assert.deepEqual([record.cpu_limit, record.peak_memory_mb], [null, null]);
});

test('memory is the highest that was seen, where the server does not tell its own peak', () => {
  const result = labelled(tinyResult(), LABELS);
  const memory = { metric: 'server_memory', kind: 'gauge', unit: 'bytes' } as const;
  const [target] = result.targets.map(({ name }) => name);
  const gauge = { last: 2 ** 27, min: 2 ** 26, max: 2 ** 28, sum: 7 * 2 ** 26, count: 3 };
  const watched: Result = {
    ...result,
    metrics: [
      ...result.metrics,
      { name: 'server_memory', kind: 'gauge', unit: 'bytes', description: 'Memory.', better: 'lower' },
    ],
    series: [...result.series, { ...memory, tags: { target: target!, phase: 'measure' }, gauge }],
  };
  assert.equal(sizing(watched)[0]!.peak_memory_mb, 256);
});

test('a target whose labels name no model has no record', () => {
  assert.deepEqual(sizing(labelled(tinyResult(), { framework: 'node' })), []);
});

test('a run that was cut short says so', () => {
  const [record] = sizing({ ...labelled(tinyResult(), LABELS), state: 'interrupted' });
  assert.match(record!.notes, /the run is interrupted/);
});
