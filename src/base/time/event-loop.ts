import { NS_PER_MS } from './clock.ts';

/** How the event loop of a thread has spent its time since the thread began. */
export interface LoopTimes {
  /** Asleep until something happens. */
  readonly idleNs: number;
  /** All other time, whether the thread was running or waited for a core. */
  readonly activeNs: number;
}

/** Of the thread that asks. */
export function readLoopTimes(): LoopTimes {
  const { idle, active } = performance.eventLoopUtilization();
  return { idleNs: idle * NS_PER_MS, activeNs: active * NS_PER_MS };
}
