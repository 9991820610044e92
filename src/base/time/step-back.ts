import { readdirSync, readFileSync } from 'node:fs';
import { POLICY, Schedule } from './schedule.ts';

/** Linux: /proc/self/status, bits of CapEff (capabilities(7)). */
const CAP_SYS_NICE = 23n;
/** Of RLIMIT_NICE: a nice value of n may be asked for from 20 − n on (getrlimit(2)). */
const NICE_OF_ZERO = 20;
const NICEST = 19;
/** V8's helper threads, as Node names them. */
const HELPER = 'node-V8Worker';

/**
 * Lets the other threads of this process go before its first one and before V8’s helpers, with whom
 * they share a core, until the returned function is called. Linux weighs threads against each other:
 * one that has just run has to wait until others of its weight have had as much, for up to 4 ms, and
 * one that calls a helper is interrupted by it. The first thread becomes the nicest there is, helpers
 * run where nobody else wants to. Processes and threads that are made meanwhile inherit it, so that
 * nothing is done where it could not be undone.
 */
export function stepBack(): () => void {
  if (!mayReturn()) return () => {};
  const steps = [process.pid, ...helpers()].map((thread): (() => void) => {
    const before = Schedule.of(thread);
    if (before?.policy !== POLICY.other) return () => {};
    const isFirst = thread === process.pid;
    before.with(isFirst ? { nice: NICEST } : { policy: POLICY.idle }).applyTo(thread);
    return () => void before.applyTo(thread);
  });
  return () => {
    for (const forward of steps) forward();
  };
}

function helpers(): number[] {
  const threads = readdirSync('/proc/self/task').map(Number);
  return threads.filter((thread) => textOf(`/proc/self/task/${thread}/comm`).trim() === HELPER);
}

/** Whether a thread that has lowered its claim may raise it again. */
function mayReturn(): boolean {
  const capable = /^CapEff:\s*([0-9a-f]+)$/m.exec(textOf('/proc/self/status'))?.[1];
  if (capable !== undefined && ((BigInt(`0x${capable}`) >> CAP_SYS_NICE) & 1n) === 1n) return true;
  const limit = /^Max nice priority\s+(\S+)/m.exec(textOf('/proc/self/limits'))?.[1];
  return limit === 'unlimited' || Number(limit ?? 0) >= NICE_OF_ZERO;
}

/** Empty where there is no such file: that of a thread that has ended, or another system. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
