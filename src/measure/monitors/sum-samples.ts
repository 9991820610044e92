import { NS_PER_TICK, type ProcessorTime } from './processor-time.ts';
import type { MonitorSample, WorkerSample } from './trial-monitor.ts';

/** How the generator fared over a stretch that several samples cover. */
export interface GeneratorUse {
  /** Times and counts added up; the longest pause, and the most connections. */
  readonly workers: readonly WorkerSample[];
  readonly processCpuNs: number;
  readonly residentPeakBytes: number;
  /** Of all workers, at the end of a sample. */
  readonly openConnectionsPeak: number;
  /** Undefined where the system does not tell. */
  readonly processors: ProcessorTime | undefined;
}

export function sumSamples(samples: readonly MonitorSample[]): GeneratorUse {
  return {
    workers: sumWorkers(samples.flatMap(({ workers }) => workers)),
    processCpuNs: sumOf(samples.map(({ processCpuNs }) => processCpuNs)),
    residentPeakBytes: largestOf(samples.map(({ residentBytes }) => residentBytes)),
    openConnectionsPeak: largestOf(samples.map(openConnections)),
    processors: sumProcessors(samples.flatMap(({ processors }) => processors ?? [])),
  };
}

/** Of all workers that were sampled. */
export function openConnections({ workers }: MonitorSample): number {
  return sumOf(workers.map((worker) => worker.openConnections));
}

/** Of all CPU time, what the hypervisor took away. */
export function stealShareOf(processors: ProcessorTime | undefined): number | undefined {
  if (processors === undefined || processors.total <= 0) return undefined;
  return processors.stolen / processors.total;
}

/** Of all CPU time, what other programs had: servers on this machine among them. */
export function othersShareOf({ processors, processCpuNs }: GeneratorUse): number | undefined {
  if (processors === undefined || processors.total <= 0) return undefined;
  const { total, idle, stolen } = processors;
  return Math.max(0, total - idle - stolen - processCpuNs / NS_PER_TICK) / total;
}

/** One sum for each worker, in their order. */
export function sumWorkers(samples: readonly WorkerSample[]): WorkerSample[] {
  const sums = new Map<number, WorkerSample>();
  for (const sample of samples) {
    const sum = sums.get(sample.worker);
    sums.set(sample.worker, sum === undefined ? sample : sumOfTwo(sum, sample));
  }
  return [...sums.values()].toSorted((a, b) => a.worker - b.worker);
}

function sumOfTwo(a: WorkerSample, b: WorkerSample): WorkerSample {
  return {
    worker: a.worker,
    durationNs: a.durationNs + b.durationNs,
    busyNs: a.busyNs + b.busyNs,
    spinNs: a.spinNs + b.spinNs,
    cpuNs: a.cpuNs + b.cpuNs,
    gcCount: a.gcCount + b.gcCount,
    gcNs: a.gcNs + b.gcNs,
    gcLongestNs: Math.max(a.gcLongestNs, b.gcLongestNs),
    openConnections: Math.max(a.openConnections, b.openConnections),
  };
}

/** A stretch too short for a tick says nothing, and weighs nothing here. */
function sumProcessors(all: readonly ProcessorTime[]): ProcessorTime | undefined {
  if (all.length === 0) return undefined;
  return {
    total: sumOf(all.map(({ total }) => total)),
    idle: sumOf(all.map(({ idle }) => idle)),
    stolen: sumOf(all.map(({ stolen }) => stolen)),
  };
}

function largestOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
