import type { Account } from '../../measure/metrics/interval.ts';
import type { SeriesRecord } from '../../measure/metrics/metric-store.ts';
import { ITERATION_OUTCOMES, OUTCOMES, UNSENT_REASONS } from '../../measure/metrics/outcome.ts';
import type { Phase, UnsentReason } from '../../measure/metrics/outcome.ts';
import { shareOf } from '../../load/pacing/share.ts';
import { totalOf } from '../account-delta.ts';
import type { ShardFacts } from '../schema/shard.ts';

export interface SettledShard {
  /** Counters and histograms; gauges follow from the rows. */
  readonly records: readonly SeriesRecord[];
  /** Arrivals of its share of the plan that it never came to. */
  readonly unsent: number;
}

type Counted = SeriesRecord & { value: number };

/**
 * Closes the account of a shard in its own counters, as that of a lost worker is: what its share
 * of the plan still held is unsent for `reason`, and what was open has been interrupted. A shard
 * that came to its end is left as it is.
 */
export function settleShard(
  records: readonly SeriesRecord[],
  facts: ShardFacts,
  reason: UnsentReason,
): SettledShard {
  const settled = records.filter(({ kind }) => kind !== 'gauge').map((record) => ({ ...record }));
  const counters = settled.filter((record): record is Counted => record.value !== undefined);
  let unsent = 0;
  for (const due of counters.filter(({ metric }) => metric === 'due')) {
    const { flow, phase } = due.tags;
    const ofFlow = counters.filter(({ tags }) => tags['flow'] === flow && tags['phase'] === phase);
    const remaining = Math.max(0, plannedShare(facts, flow!, phase as Phase) - due.value);
    due.value += remaining;
    unsent += remaining;
    closeIterations(due.value, ofFlow, reason);
    closeOperations(ofFlow);
  }
  return { records: settled, unsent };
}

/** 0 where the load plans no number of arrivals. */
function plannedShare({ planned, index, count }: ShardFacts, flow: string, phase: Phase): number {
  const plan = planned.find((one) => one.flow === flow && one.phase === phase);
  return plan === undefined ? 0 : shareOf(plan.arrivals, { index: index - 1, count });
}

function closeIterations(due: number, ofFlow: readonly Counted[], reason: UnsentReason): void {
  const started = sumOf(ofFlow, 'started');
  const unsent = ofFlow.find(({ metric, tags }) => metric === 'unsent' && tags['reason'] === reason);
  if (unsent !== undefined) unsent.value += due - started - sumOf(ofFlow, 'unsent');
  const interrupted = ofFlow.find(
    ({ metric, tags }) => metric === 'iterations' && tags['outcome'] === 'interrupted',
  );
  if (interrupted !== undefined) interrupted.value += started - sumOf(ofFlow, 'iterations');
}

function closeOperations(ofFlow: readonly Counted[]): void {
  for (const attempted of ofFlow.filter(({ metric }) => metric === 'attempted')) {
    const own = ofFlow.filter(
      ({ metric, tags }) =>
        metric === 'operations' &&
        Object.entries(attempted.tags).every(([tag, value]) => tags[tag] === value),
    );
    const interrupted = own.find(({ tags }) => tags['outcome'] === 'interrupted');
    if (interrupted === undefined) continue;
    interrupted.value += attempted.value - own.reduce((sum, { value }) => sum + value, 0);
  }
}

function sumOf(records: readonly Counted[], metric: string): number {
  const own = records.filter((record) => record.metric === metric);
  return own.reduce((sum, { value }) => sum + value, 0);
}

/** The account that settled counters make up, over all flows. */
export function accountOfRecords(records: readonly SeriesRecord[], phase: Phase): Account {
  const ofPhase = records.filter(({ tags }) => tags['phase'] === phase);
  const count = (metric: string, tag = '', value = ''): number =>
    ofPhase
      .filter((record) => record.metric === metric && (tag === '' || record.tags[tag] === value))
      .reduce((sum, record) => sum + (record.value ?? 0), 0);
  const named = <Name extends string>(names: readonly Name[], metric: string, tag: string) =>
    Object.fromEntries(names.map((name) => [name, count(metric, tag, name)])) as Record<Name, number>;
  const iterations = named(ITERATION_OUTCOMES, 'iterations', 'outcome');
  return {
    due: count('due'),
    started: count('started'),
    unsent: named(UNSENT_REASONS, 'unsent', 'reason'),
    waiting: 0,
    completed: iterations.ok + iterations.failed,
    aborted: iterations.aborted,
    interruptedIterations: iterations.interrupted,
    running: 0,
    attempted: count('attempted'),
    operations: named(OUTCOMES, 'operations', 'outcome'),
    inFlight: 0,
  };
}

/** An account whose shard is gone: what was open in it has ended. */
export function closedAccount(account: Account): Account {
  const { waiting, running, unsent, operations } = account;
  return {
    ...account,
    unsent: { ...unsent, worker_lost: (unsent['worker_lost'] ?? 0) + waiting },
    waiting: 0,
    interruptedIterations: account.interruptedIterations + running,
    running: 0,
    operations: {
      ...operations,
      interrupted:
        (operations['interrupted'] ?? 0) + account.attempted - totalOf(operations),
    },
    inFlight: 0,
  };
}

export function addAccounts(accounts: readonly Account[]): Account {
  const total = (of: (account: Account) => number): number =>
    accounts.reduce((sum, account) => sum + of(account), 0);
  const named = (of: (account: Account) => Readonly<Record<string, number>>) => {
    const names = new Set(accounts.flatMap((account) => Object.keys(of(account))));
    return Object.fromEntries(
      [...names].map((name) => [name, total((account) => of(account)[name] ?? 0)]),
    );
  };
  return {
    due: total(({ due }) => due),
    started: total(({ started }) => started),
    unsent: named(({ unsent }) => unsent),
    waiting: total(({ waiting }) => waiting),
    completed: total(({ completed }) => completed),
    aborted: total(({ aborted }) => aborted),
    interruptedIterations: total(({ interruptedIterations }) => interruptedIterations),
    running: total(({ running }) => running),
    attempted: total(({ attempted }) => attempted),
    operations: named(({ operations }) => operations),
    inFlight: total(({ inFlight }) => inFlight),
  };
}
