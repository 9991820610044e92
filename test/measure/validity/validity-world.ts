import { EvidenceCollector } from '../../../src/measure/validity/second-evidence.ts';
import { judgeValidity, type VerdictInputs } from '../../../src/measure/validity/judge-validity.ts';
import type { Verdict } from '../../../src/measure/validity/verdict.ts';
import type { MonitorSample, WorkerSample } from '../../../src/measure/monitors/trial-monitor.ts';
import type { RecordedInterval } from '../../../src/measure/metrics/interval-collector.ts';
import { MEASURE } from '../../../src/measure/metrics/outcome.ts';
import { MS, RecordedWorld, SECOND } from '../metrics/recorded-world.ts';

/** One second of a run that a test describes. */
export interface Second {
  /** How late each request was picked up, in ns. */
  readonly lagsNs: readonly number[];
  readonly serviceNs?: number;
  readonly receiveErrorNs?: number;
  readonly monitors?: MonitorSample;
}

export const CALM: WorkerSample = {
  worker: 0,
  durationNs: SECOND,
  busyNs: 0.2 * SECOND,
  spinNs: 0.1 * SECOND,
  cpuNs: 0.3 * SECOND,
  gcCount: 3,
  gcNs: 5 * MS,
  gcLongestNs: 2 * MS,
  openConnections: 10,
};

/** A sample of one worker that is calm but for what is given. */
export function sample(change: Partial<WorkerSample> = {}, stealShare = 0): MonitorSample {
  const workers = [{ ...CALM, ...change }];
  const processors = { total: 200, idle: 100, stolen: 200 * stealShare };
  return { workers, runnerBusyShare: 0, processCpuNs: 0, residentBytes: 1, processors };
}

/** So many requests, `late` of them by `lagNs` and the others by 10 µs. */
export function sends(count: number, late = 0, lagNs = 20 * MS): number[] {
  return Array.from({ length: count }, (_, index) => (index < late ? lagNs : 10_000));
}

/** Records the seconds as a worker would, and judges them. */
export function judge(seconds: readonly Second[], change: Partial<VerdictInputs> = {}): Verdict {
  const world = new RecordedWorld();
  const t0Ns = 10 * SECOND;
  world.begin({ t0Ns, t1Ns: t0Ns + seconds.length * SECOND });
  const evidence = new EvidenceCollector();
  const rows: RecordedInterval[] = [];
  seconds.forEach(({ lagsNs, serviceNs = MS, receiveErrorNs = 0 }, index) => {
    const startNs = t0Ns + index * SECOND;
    lagsNs.forEach((lagNs, request) => {
      const intended = startNs + (request / lagsNs.length) * 0.5 * SECOND;
      const picked = intended + lagNs;
      const done = picked + serviceNs;
      world.workers[0]!.pacerLag(MEASURE, 0, lagNs);
      world.operation({ intended, picked, done, free: done - receiveErrorNs });
    });
    world.workers[0]!.turn(startNs + SECOND);
    rows.push(...world.collector.poll());
  });
  rows.forEach((row, index) => evidence.add(row, seconds[index]!.monitors ?? sample()));
  world.collector.finish();
  const requests = seconds.reduce((sum, { lagsNs }) => sum + lagsNs.length, 0);
  return judgeValidity({
    isOpen: true,
    hasWarmup: true,
    seconds: evidence.seconds,
    measured: world.collector.total,
    percent: 99,
    workers: 1,
    cores: 2,
    lostWorkers: [],
    due: requests,
    attempted: requests,
    unsentByUs: 0,
    refusedHere: 0,
    connectionsAsked: undefined,
    brokenRules: [],
    ...change,
  });
}

/** The same second again and again. */
export function repeated(count: number, second: Second): Second[] {
  return Array.from({ length: count }, () => second);
}
