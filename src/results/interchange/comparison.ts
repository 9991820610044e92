import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../base/errors/loadgen-error.ts';
import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import { comparisonSchema, type Comparison, type ComparisonScenario } from '../schema/comparison.ts';
import type { Machine } from '../schema/meta.ts';
import type { Result, ResultTarget } from '../schema/result.ts';
import { COMPARISON_FOLDER, fileName } from '../write/folder-names.ts';
import { notWritable, writing } from '../write/not-writable.ts';
import { writeJson } from '../write/write-document.ts';
import { interchangeLatency } from './judged-latency.ts';
import { concurrencyOf } from './metrics-json.ts';
import { serverMachine } from './server-machine.ts';
import { UNKNOWN_USE, type ServerUse } from './server-use.ts';
import { targetTags, throughputOf } from './target-share.ts';

const PERCENTS = [50, 95, 99, 99.9];

export interface ComparisonInput {
  readonly resultsFolder: string;
  readonly result: Result;
  readonly source: MetricSource;
  readonly timestamp: string;
  readonly machine: Machine;
  /** By target. */
  readonly use?: Readonly<Record<string, ServerUse>>;
}

/**
 * Writes what a trial says about each target whose labels name a `framework` and a `model` into
 * `comparison/{model}/{framework}.json`: into its place among the scenarios that stand there
 * already. Returns the paths. A run that did not end by itself writes nothing.
 */
export function writeComparison(input: ComparisonInput): string[] {
  if (input.result.state !== 'complete') return [];
  return input.result.targets.flatMap((target) => {
    const { framework, model } = target.labels;
    return framework === undefined || model === undefined
      ? []
      : [writeTarget(input, target, { framework, model })];
  });
}

interface Compared {
  readonly framework: string;
  readonly model: string;
}

function writeTarget(input: ComparisonInput, target: ResultTarget, compared: Compared): string {
  const folder = join(input.resultsFolder, COMPARISON_FOLDER, fileName(compared.model));
  const path = join(folder, `${fileName(compared.framework)}.json`);
  writing(folder, () => mkdirSync(folder, { recursive: true }));
  const before = existing(path, compared);
  const use = input.use?.[target.name] ?? UNKNOWN_USE;
  writeJson(path, {
    ...compared,
    timestamp: input.timestamp,
    system_info: systemInfo(target, input.machine),
    model_load_time_ms: use.modelLoadTimeMs ?? before?.model_load_time_ms ?? null,
    peak_memory_mb: highest(use.peakMemoryMb, before?.peak_memory_mb),
    scenarios: {
      ...before?.scenarios,
      [scenarioName(input.result)]: scenarioOf(input, target, use),
    },
  } satisfies Comparison);
  return path;
}

/** What stands there already. A file that is not ours to change is left alone, with an error. */
function existing(path: string, compared: Compared): Comparison | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw notWritable(path, `what stands there cannot be read: ${reasonOf(thrown)}`, thrown);
  }
  const before = parsed(path, text);
  if (before.framework !== compared.framework || before.model !== compared.model) {
    const other = `${before.framework} with the model ${before.model}`;
    throw notWritable(path, `it holds the comparison of ${other}`);
  }
  return before;
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
}

function parsed(path: string, text: string): Comparison {
  try {
    return comparisonSchema.parse(JSON.parse(text));
  } catch (thrown) {
    throw notWritable(path, `it is there already and is no comparison file (${reasonOf(thrown)})`);
  }
}

function scenarioOf(
  { result, source }: ComparisonInput,
  target: ResultTarget,
  use: ServerUse,
): ComparisonScenario {
  const tags = targetTags(result, target);
  const latency = interchangeLatency(result, source, { percents: PERCENTS, tags });
  const at = (percent: number): number | null => latency.percentiles[percent] ?? null;
  return {
    concurrency: concurrencyOf(result),
    num_requests: source.counter('attempted', tags),
    latency_ms: { mean: latency.meanMs, p50: at(50), p95: at(95), p99: at(99), p999: at(99.9) },
    throughput_qps: throughputOf(result, source, tags),
    cpu_utilization_pct: use.cpuUtilizationPercent,
    thin: [...latency.thin],
    notes: latency.notes.join('; '),
  };
}

/** The trials of a sweep stand beside each other under their axes. */
function scenarioName(result: Result): string {
  const axes = Object.entries(result.axes).map(([axis, value]) => `${axis}=${String(value)}`);
  return [result.scenario, ...axes].join(' ');
}

function systemInfo(target: ResultTarget, machine: Machine): Comparison['system_info'] {
  const here = serverMachine(target, machine);
  if (here === undefined) return { cpu: null, cores: null, memory_gb: null };
  return { cpu: here.cpu, cores: here.cores, memory_gb: here.memoryGb };
}

function highest(one: number | null, other: number | null | undefined): number | null {
  if (one === null) return other ?? null;
  return Math.max(one, other ?? 0);
}
