import type { Account } from './interval.ts';
import { ITERATION_OUTCOMES, OUTCOMES, UNSENT_REASONS } from './outcome.ts';
import { FLOW_COUNTER, LANE_COUNTER, type SeriesLayout } from './series-layout.ts';

/** The account that stands in `counters` (by index of the layout), over all flows. */
export function accountOf(layout: SeriesLayout, counters: Float64Array): Account {
  const flowSum = (offset: number): number =>
    layout.flows.reduce((sum, { counterBase }) => sum + counters[counterBase + offset]!, 0);
  const laneSum = (offset: number): number =>
    layout.lanes.reduce((sum, { counterBase }) => sum + counters[counterBase + offset]!, 0);
  const iterations = byName(ITERATION_OUTCOMES, (outcome) =>
    flowSum(FLOW_COUNTER.iterations + outcome),
  );
  return {
    due: flowSum(FLOW_COUNTER.due),
    started: flowSum(FLOW_COUNTER.started),
    unsent: byName(UNSENT_REASONS, (reason) => flowSum(FLOW_COUNTER.unsent + reason)),
    waiting: flowSum(FLOW_COUNTER.waiting),
    completed: iterations.ok + iterations.failed,
    aborted: iterations.aborted,
    interruptedIterations: iterations.interrupted,
    running: flowSum(FLOW_COUNTER.running),
    attempted: laneSum(LANE_COUNTER.attempted),
    operations: byName(OUTCOMES, (outcome) => laneSum(LANE_COUNTER.operations + outcome)),
    inFlight: flowSum(FLOW_COUNTER.inFlight),
  };
}

/**
 * The identity that does not hold, with its figures, or undefined when all do. At the end of a run
 * nothing may be waiting, running or in flight.
 */
export function checkAccount(account: Account, atEnd: boolean): string | undefined {
  const { due, started, waiting, completed, aborted, running, attempted, inFlight } = account;
  const interrupted = account.interruptedIterations;
  const unsent = sumOf(account.unsent);
  const { ok = 0, cancelled = 0, interrupted: interruptedOperations = 0 } = account.operations;
  const failed = sumOf(account.operations) - ok - cancelled - interruptedOperations;
  return (
    unequal({ due }, { started, unsent, waiting }) ??
    unequal({ started }, { completed, aborted, interrupted, running }) ??
    unequal(
      { attempted },
      { ok, failed, cancelled, interrupted: interruptedOperations, inFlight },
    ) ??
    (atEnd ? unequal({ 'open at the end': 0 }, { waiting, running, inFlight }) : undefined)
  );
}

type Terms = Readonly<Record<string, number>>;

function unequal(whole: Terms, parts: Terms): string | undefined {
  const negative = Object.entries(parts).find(([, count]) => count < 0);
  if (negative !== undefined) return `${negative[0]} is ${negative[1]}`;
  if (sumOf(whole) === sumOf(parts)) return undefined;
  return `${text(whole)} ≠ ${text(parts)}`;
}

function text(terms: Terms): string {
  return Object.entries(terms)
    .map(([name, count]) => `${name} ${count}`)
    .join(' + ');
}

function sumOf(terms: Terms): number {
  return Object.values(terms).reduce((sum, count) => sum + count, 0);
}

function byName<Name extends string>(
  names: readonly Name[],
  countOf: (index: number) => number,
): Record<Name, number> {
  return Object.fromEntries(names.map((name, index) => [name, countOf(index)])) as Record<
    Name,
    number
  >;
}
