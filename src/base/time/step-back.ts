import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/** Linux: /proc/self/status, bits of CapEff (capabilities(7)). */
const CAP_SYS_NICE = 23n;
/** Of RLIMIT_NICE: a nice value of n may be asked for from 20 − n on (getrlimit(2)). */
const NICE_OF_ZERO = 20;
/** V8's helper threads, as Node names them. */
const HELPER = 'node-V8Worker';

/**
 * Lets the other threads of this process go before the calling one and before V8’s helpers, with whom
 * they share a core, until the returned function is called. Linux weighs threads against each other:
 * a thread that has just run has to wait until one of equal weight has had as much, for up to 4 ms.
 * Processes and threads that are made meanwhile inherit it, so that nothing is done where it could
 * not be undone.
 */
export function stepBack(): () => void {
  if (process.platform !== 'linux' || !mayReturn()) return () => {};
  const before = tryTo(() => helpers().map((thread) => [thread, getPriority(thread)] as const));
  if (before === undefined) return () => {};
  const set = (priorityOf: (priority: number) => number): void => {
    for (const [thread, priority] of before) {
      tryTo(() => setPriority(thread, priorityOf(priority)));
    }
  };
  set(() => constants.priority.PRIORITY_LOW);
  return () => set((priority) => priority);
}

/** The calling thread, which has to be the first one of the process, and V8's helpers. */
function helpers(): number[] {
  const names = readdirSync('/proc/self/task').map(Number);
  const isHelper = (thread: number): boolean =>
    readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').trim() === HELPER;
  return [process.pid, ...names.filter(isHelper)];
}

/** Whether a thread that has lowered its priority may raise it again. */
function mayReturn(): boolean {
  const capable = /^CapEff:\s*([0-9a-f]+)$/m.exec(textOf('/proc/self/status'))?.[1];
  if (capable !== undefined && ((BigInt(`0x${capable}`) >> CAP_SYS_NICE) & 1n) === 1n) return true;
  const limit = /^Max nice priority\s+(\S+)/m.exec(textOf('/proc/self/limits'))?.[1];
  return limit === 'unlimited' || Number(limit ?? 0) >= NICE_OF_ZERO;
}

function textOf(path: string): string {
  return tryTo(() => readFileSync(path, 'utf8')) ?? '';
}

/** What a file of the kernel or the kernel itself refuses is left as it is. */
function tryTo<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
