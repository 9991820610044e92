import { STARVED_BUSY_SHARE, STARVED_RUNNING_SHARE } from './limits.ts';
import type { SecondEvidence } from './second-evidence.ts';

/** How one worker spent the measured phase, as shares of its time. */
export interface WorkerShares {
  readonly worker: number;
  readonly busy: number;
  readonly running: number;
  readonly spinning: number;
  readonly collecting: number;
}

/** Whether a worker had work, and was not let run. */
export function isStarved({ busy, running, spinning }: WorkerShares): boolean {
  return busy > STARVED_BUSY_SHARE && running < (busy + spinning) * STARVED_RUNNING_SHARE;
}

/** Of every worker that was sampled, over all seconds. */
export function workerShares(seconds: readonly SecondEvidence[]): WorkerShares[] {
  const sums = new Map<
    number,
    { ns: number; busy: number; cpu: number; spin: number; gc: number }
  >();
  for (const sample of seconds.flatMap(({ monitors }) => monitors?.workers ?? [])) {
    const sum = sums.get(sample.worker) ?? { ns: 0, busy: 0, cpu: 0, spin: 0, gc: 0 };
    sum.ns += sample.durationNs;
    sum.busy += sample.busyNs;
    sum.cpu += sample.cpuNs;
    sum.spin += sample.spinNs;
    sum.gc += sample.gcNs;
    sums.set(sample.worker, sum);
  }
  return [...sums]
    .map(([worker, { ns, busy, cpu, spin, gc }]) => ({
      worker,
      busy: Math.min(1, busy / ns),
      running: cpu / ns,
      spinning: spin / ns,
      collecting: gc / ns,
    }))
    .toSorted((a, b) => a.worker - b.worker);
}
