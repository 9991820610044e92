import { systemClock } from './clock.ts';
import { libc } from './libc.ts';

/** Of all time, the most that is given away, and the most of it at once: nobody starves of it. */
const MOST_SHARE = 0.1;
const MOST_NS = 100_000_000;

let creditNs = MOST_NS;
let lastNs = 0;

/**
 * Lets threads that share this one's core go first, if any is ready: for work that nobody waits for,
 * between two pieces of it. Linux looks whether a thread of higher claim is ready when one wakes, and
 * else every 4 ms. Costs a system call; does nothing where there is no such call.
 */
export function giveWay(): void {
  const c = libc();
  if (c === undefined) return;
  const nowNs = systemClock.nowNs();
  creditNs = Math.min(MOST_NS, creditNs + (nowNs - lastNs) * MOST_SHARE);
  lastNs = nowNs;
  if (creditNs <= 0) return;
  c.sched_yield();
  lastNs = systemClock.nowNs();
  creditNs -= lastNs - nowNs;
}
