import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { MetricsJson } from '../schema/metrics-json.ts';
import type { Result } from '../schema/result.ts';
import { interchangeLatency } from './judged-latency.ts';
import { UNKNOWN_USE, type ServerUse } from './server-use.ts';

const PERCENTS = [50, 90, 95, 99];

/** `metrics.json` of one trial, over all its targets. `timestamp` is when it started. */
export function metricsJson(
  result: Result,
  source: MetricSource,
  timestamp: string,
  use: ServerUse = UNKNOWN_USE,
): MetricsJson {
  const latency = interchangeLatency(result, source, { percents: PERCENTS, tags: {} });
  const { operations, attempted } = result.accounts.measure;
  const at = (percent: number): number | null => latency.percentiles[percent] ?? null;
  return {
    trial_id: result.trialId,
    timestamp,
    component: result.labels['component'] ?? null,
    service: result.labels['service'] ?? null,
    config: configOf(result),
    throughput: { value: result.throughput.operationsPerSecond, unit: 'operations/s' },
    latency_ms: { p50: at(50), p90: at(90), p95: at(95), p99: at(99) },
    resource: {
      gpu_util: null,
      gpu_mem_mb: null,
      cpu_util: use.cpuUtilizationPercent,
      ram_mb: use.peakMemoryMb,
    },
    errors: {
      rate: attempted === 0 ? null : errorRate(operations, attempted),
      timeouts: operations['timeout'] ?? 0,
    },
    thin: [...latency.thin],
    notes: [...latency.notes, ...stateNotes(result), ...result.notes].join('; '),
  };
}

export function configOf(result: Result): MetricsJson['config'] {
  return {
    gpus: labelNumber(result.labels['gpus']),
    batch: labelNumber(result.labels['batch'] ?? result.params['batch']),
    concurrency: concurrencyOf(result),
    nodes: labelNumber(result.labels['nodes']),
  };
}

/** Virtual users of a closed model. An open one has a rate and no fixed concurrency. */
export function concurrencyOf(result: Result): number | null {
  let sum = 0;
  for (const flow of result.flows) {
    if (flow.model === 'open') return null;
    sum += flow.vus;
  }
  return sum;
}

/** (failed + interrupted) ÷ (attempted − cancelled) */
export function errorRate(operations: Readonly<Record<string, number>>, attempted: number): number {
  const cancelled = operations['cancelled'] ?? 0;
  const ended = Object.values(operations).reduce((sum, count) => sum + count, 0);
  const failed = ended - (operations['ok'] ?? 0) - cancelled;
  return attempted > cancelled ? failed / (attempted - cancelled) : 0;
}

export function stateNotes(result: Result): string[] {
  return result.state === 'complete' ? [] : [`the run is ${result.state}`];
}

/** A label or a param that is a number from 0. */
export function labelNumber(
  value: string | number | boolean | undefined): number | null {
  if (value === undefined || typeof value === 'boolean' || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : null;
}
