import type { Account } from '../measure/metrics/interval.ts';

/** What happened between two cumulative accounts; the gauges (`waiting`, …) are those of the end. */
export function accountDelta(before: Account | undefined, after: Account): Account {
  if (before === undefined) return after;
  return {
    due: after.due - before.due,
    started: after.started - before.started,
    unsent: difference(before.unsent, after.unsent),
    waiting: after.waiting,
    completed: after.completed - before.completed,
    aborted: after.aborted - before.aborted,
    interruptedIterations: after.interruptedIterations - before.interruptedIterations,
    running: after.running,
    attempted: after.attempted - before.attempted,
    operations: difference(before.operations, after.operations),
    inFlight: after.inFlight,
  };
}

type Counts = Readonly<Record<string, number>>;

function difference(before: Counts, after: Counts): Counts {
  const names = Object.keys(after);
  return Object.fromEntries(names.map((name) => [name, after[name]! - (before[name] ?? 0)]));
}

/** The sum over all names. */
export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
