import type { IntervalRow } from '../schema/interval-row.ts';
import type { Result } from '../schema/result.ts';
import { csvLine, type CsvValue } from '../../base/expressions/csv.ts';
import { judgedMetric } from './judged-latency.ts';
import { configOf, errorRate } from './metrics-json.ts';

/** The keys of `metrics.json` with `_` for `.`, and which second of which phase a row is of. */
const COLUMNS = [
  ...['trial_id', 'timestamp', 'phase', 'second', 'component', 'service'],
  ...['config_gpus', 'config_batch', 'config_concurrency', 'config_nodes'],
  ...['throughput_value', 'throughput_unit'],
  ...['latency_ms_p50', 'latency_ms_p90', 'latency_ms_p95', 'latency_ms_p99'],
  ...['resource_gpu_util', 'resource_gpu_mem_mb', 'resource_cpu_util', 'resource_ram_mb'],
  ...['errors_rate', 'errors_timeouts', 'notes'],
];

/** `metrics.csv`: the heading, then a row per second; what is not known is an empty cell. */
export function* metricsCsv(result: Result, rows: Iterable<IntervalRow>): Generator<string> {
  yield csvLine(COLUMNS);
  const metric = judgedMetric(result);
  const { gpus, batch, concurrency, nodes } = configOf(result);
  const { component, service } = result.labels;
  for (const row of rows) {
    const latency = row.percentiles[metric];
    yield csvLine([
      ...[result.trialId, row.startedAt, row.phase, row.second, component, service],
      ...[gpus, batch, concurrency, nodes],
      ...[row.throughput, 'operations/s'],
      ...[latency?.p50Ns, latency?.p90Ns, latency?.p95Ns, latency?.p99Ns].map(milliseconds),
      ...[null, null, null, null],
      ...errorCells(row),
      `latency_ms is ${metric}`,
    ]);
  }
}

function errorCells({ operations }: IntervalRow): CsvValue[] {
  const ended = Object.values(operations).reduce((sum, count) => sum + count, 0);
  return [ended === 0 ? null : errorRate(operations, ended), operations['timeout'] ?? 0];
}

function milliseconds(ns: number | undefined): number | null {
  return ns === undefined ? null : ns / 1e6;
}
