import type { MonitorSample, WorkerSample } from '../monitors/trial-monitor.ts';
import { sumWorkers } from '../monitors/sum-samples.ts';
import { STARVED_BUSY_SHARE, STARVED_RUNNING_SHARE } from './limits.ts';

/** How one worker spent its time, as shares of it. */
export interface WorkerShares {
  readonly worker: number;
  readonly busy: number;
  readonly running: number;
  readonly spinning: number;
  readonly collecting: number;
  readonly longestPauseNs: number;
}

/** Whether a worker had work, and was not let run. */
export function isStarved({ busy, running, spinning }: WorkerShares): boolean {
  return busy > STARVED_BUSY_SHARE && running < (busy + spinning) * STARVED_RUNNING_SHARE;
}

/** Of every worker that was sampled. */
export function workerShares(samples: readonly MonitorSample[]): WorkerShares[] {
  return sumWorkers(samples.flatMap(({ workers }) => workers)).map(sharesOf);
}

function sharesOf(sum: WorkerSample): WorkerShares {
  const { worker, durationNs, busyNs, cpuNs, spinNs, gcNs, gcLongestNs } = sum;
  return {
    worker,
    busy: Math.min(1, busyNs / durationNs),
    running: cpuNs / durationNs,
    spinning: spinNs / durationNs,
    collecting: gcNs / durationNs,
    longestPauseNs: gcLongestNs,
  };
}
