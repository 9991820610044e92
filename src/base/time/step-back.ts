import { readdirSync, readFileSync } from 'node:fs';
import { POLICY, Schedule } from './schedule.ts';

/** Linux: /proc/self/status, bits of CapEff (capabilities(7)). */
const CAP_SYS_NICE = 23n;
/** Of RLIMIT_NICE: a nice value of n may be asked for from 20 − n on (getrlimit(2)). */
const NICE_OF_ZERO = 20;
const NICEST = 19;
/** How much nicer the first thread becomes: a tenth of the weight. */
const NICER_BY = 10;
/** V8's helper threads, as Node names them. */
const HELPER = 'node-V8Worker';

/**
 * Lets the other threads of this process go before its first one and before V8’s helpers, with whom
 * they share a core, until the returned function is called. Linux lets a thread that wakes interrupt
 * another, for up to 4 ms; one of the batch policy waits for its turn instead, and has as much of a
 * core as before: V8 waits for its helpers while it collects, so that they must not starve beside
 * other programs. The first thread is made nicer too, where that can be undone.
 */
export function stepBack(): () => void {
  const nicerBy = mayReturn() ? NICER_BY : 0;
  const steps = [process.pid, ...helpers()].map((thread): (() => void) => {
    const before = Schedule.of(thread);
    if (before?.policy !== POLICY.other) return () => {};
    const nice = before.nice + (thread === process.pid ? nicerBy : 0);
    before.with({ policy: POLICY.batch, nice: Math.min(nice, NICEST) }).applyTo(thread);
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
