import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { Machine } from '../schema/meta.ts';
import type { Result, ResultTarget } from '../schema/result.ts';
import type { Sizing, SizingRecord } from '../schema/sizing.ts';
import { interchangeLatency } from './judged-latency.ts';
import { concurrencyOf, labelNumber, stateNotes } from './metrics-json.ts';
import { serverMachine } from './server-machine.ts';
import { UNKNOWN_USE, type ServerUse } from './server-use.ts';
import { targetTags, throughputOf } from './target-share.ts';

interface SizingInput {
  readonly result: Result;
  readonly source: MetricSource;
  /** When the trial started. */
  readonly timestamp: string;
  readonly machine: Machine;
  /** By target. */
  readonly use?: Readonly<Record<string, ServerUse>>;
}

/** `sizing.json` of one trial: a record for each target whose labels name a model. */
export function sizingOf(input: SizingInput): Sizing {
  return input.result.targets.flatMap((target) => {
    const { model } = target.labels;
    return model === undefined ? [] : [recordOf(input, target, model)];
  });
}

function recordOf(
  { result, source, timestamp, machine, use }: SizingInput,
  target: ResultTarget,
  model: string,
): SizingRecord {
  const { labels } = target;
  const tags = targetTags(result, target);
  const latency = interchangeLatency(result, source, { percents: [], tags });
  const here = serverMachine(target, machine);
  const seen = use?.[target.name] ?? UNKNOWN_USE;
  const attempted = source.counter('attempted', tags);
  const ok = source.counter('operations', { ...tags, outcome: 'ok' });
  return {
    trial_id: result.trialId,
    timestamp,
    scenario: result.scenario,
    point: result.axes,
    target: target.name,
    architecture: here?.architecture ?? null,
    cpu: here?.cpu ?? null,
    cores: here?.cores ?? null,
    memory_gb: here?.memoryGb ?? null,
    framework: labels['framework'] ?? null,
    model,
    model_size: labels['modelSize'] ?? null,
    threads: labelNumber(labels['threads']),
    cpu_limit: labelNumber(labels['cpuLimit']),
    concurrency: concurrencyOf(result),
    iterations: ok,
    failed: attempted - ok,
    average_latency_ms: latency.meanMs,
    total_time_s: result.durationSeconds,
    requests_per_second: throughputOf(result, source, tags),
    cpu_utilization_pct: seen.cpuUtilizationPercent,
    peak_memory_mb: seen.peakMemoryMb ?? highestMemoryMb(source, target),
    notes: [...latency.notes, ...stateNotes(result)].join('; '),
  };
}

/** Of the server's processes, where somebody looked every second (`monitor: { process: true }`). */
function highestMemoryMb(source: MetricSource, { name }: ResultTarget): number | null {
  if (!source.declarations.has('server_memory')) return null;
  const { count, max } = source.gauge('server_memory', { target: name });
  return count === 0 ? null : max / 2 ** 20;
}
