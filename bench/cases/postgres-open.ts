/** PostgreSQL in an open loop beside `pgbench -R -L`: what is late, and what is skipped. */
import { repetitionInterval } from '../../src/measure/statistics/student-interval.ts';
import { runLoadgen } from '../loadgen.ts';
import { disturbance, type Cost } from '../machine/pinned.ts';
import { initialize, pgbenchVersion, runPgbench } from '../peers/pgbench.ts';
import { share, whole } from '../report/figures.ts';
import type { CaseReport, Gate, Table } from '../report/report.ts';
import { startPostgres, type Postgres } from '../servers/postgres.ts';
import { TableLocks } from '../servers/table-locks.ts';
import { median, spread } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CONNECTIONS = 16;
const SCALE = 10;
const PEAK_SECONDS = 5;
/** Far above what a select takes, and far below how long a lock is held. */
const LIMIT_MS = 20;
/** The interval of the difference is at most this part of pgbench's mean. */
const WIDEST_INTERVAL = 0.1;

export const postgresOpen: BenchCase = {
  name: 'postgres-open',
  question: 'at half the peak, accounts locked at times: late and skipped beside pgbench -R -L',
  repetitions: 20,
  seconds: 20,
  run: compare,
};

/** Shares of all transactions that were due. */
interface Shares {
  readonly late: number;
  readonly skipped: number;
  readonly meanMs: number;
}

interface Load {
  readonly ratePerSecond: number;
  readonly limitMs: number;
  readonly seconds: number;
}

async function compare(settings: BenchSettings): Promise<CaseReport> {
  const peer: Shares[] = [];
  const own: Shares[] = [];
  const costs: Cost[] = [];
  const server = await startPostgres();
  try {
    await initialize(server, SCALE);
    const load = await chooseLoad(server, settings.seconds);
    settings.say(`${whole(load.ratePerSecond)}/s, late above ${load.limitMs} ms`);
    for (let repetition = 1; repetition <= settings.repetitions; repetition++) {
      const seeds = [2 * repetition, 2 * repetition + 1] as const;
      peer.push(await withLocks(server, seeds[0], () => runPeer(server, load)));
      const { cost, ...shares } = await withLocks(server, seeds[1], () => runOwn(server, load));
      own.push(shares);
      costs.push(cost);
      settings.say(`${repetition}: ${described(peer.at(-1)!, own.at(-1)!)}`);
    }
    return reportOf({ peer, own, costs, load, version: server.version });
  } finally {
    await server.stop();
  }
}

async function withLocks<Result>(
  server: Postgres,
  seed: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const locks = await TableLocks.start(server.url, seed);
  try {
    return await work();
  } finally {
    await locks.close();
  }
}

/** Half of what pgbench reaches without locks. */
async function chooseLoad(server: Postgres, seconds: number): Promise<Load> {
  const { perSecond } = await runPgbench(server, clientsFor(PEAK_SECONDS));
  return { ratePerSecond: Math.floor(perSecond / 2), limitMs: LIMIT_MS, seconds };
}

function clientsFor(seconds: number): readonly string[] {
  const script = ['-f', 'bench/peers/pgbench-lookup.sql', '-D', `scale=${SCALE}`];
  return [...script, '-M', 'prepared', '-c', String(CONNECTIONS), '-T', String(seconds)];
}

async function runPeer(server: Postgres, { ratePerSecond, limitMs, seconds }: Load) {
  const { transactions, late, skipped, meanMs } = await runPgbench(server, [
    ...clientsFor(seconds),
    '-R',
    String(ratePerSecond),
    '-L',
    String(limitMs),
  ]);
  // Those that it skipped are not among those that it processed.
  const due = transactions + skipped;
  return { late: late / due, skipped: skipped / due, meanMs };
}

async function runOwn(
  { url }: Postgres,
  { ratePerSecond, limitMs, seconds }: Load,
): Promise<Shares & { readonly cost: Cost }> {
  const settings = [
    `load.rate=${ratePerSecond}/s`,
    `load.duration=${seconds}s`,
    `load.latencyLimit=${limitMs}ms`,
    `load.maxLateness=${limitMs}ms`,
  ];
  const { result, measured, cost } = await runLoadgen('postgres-open', url, { settings });
  const { due, unsent } = result.accounts.measure;
  return {
    late: measured.counter('late') / due,
    skipped: (unsent['late'] ?? 0) / due,
    meanMs: measured.histogram('response_time').mean / 1e6,
    cost,
  };
}

function described(peer: Shares, own: Shares): string {
  const text = ({ late, skipped, meanMs }: Shares): string =>
    `late ${share(late)}, skipped ${share(skipped)}, mean ${meanMs.toFixed(3)} ms`;
  return `pgbench ${text(peer)}; loadgen ${text(own)}`;
}

interface Found {
  readonly peer: readonly Shares[];
  readonly own: readonly Shares[];
  readonly costs: readonly Cost[];
  readonly load: Load;
  readonly version: string;
}

function reportOf({ peer, own, costs, load, version }: Found): CaseReport {
  const kinds = ['late', 'skipped'] as const;
  const rows = kinds.map((kind) => {
    const theirs = peer.map((shares) => shares[kind]);
    const ours = own.map((shares) => shares[kind]);
    return { kind, theirs, ours, differences: ours.map((one, index) => one - theirs[index]!) };
  });
  const table: Table = {
    title: `PostgreSQL, ${whole(load.ratePerSecond)}/s, late above ${load.limitMs} ms: share of what was due`,
    head: ['transactions', 'pgbench', 'loadgen', 'difference of means (95%)'],
    rows: rows.map(({ kind, theirs, ours, differences }) => {
      const interval = repetitionInterval(differences);
      const range = interval
        ? `${share(interval.low)} to ${share(interval.high)}`
        : 'one pair only';
      return [kind, spread(theirs, 4), spread(ours, 4), range];
    }),
  };
  return {
    tables: [table],
    ratios: {
      'mean latency ÷ pgbench': {
        values: own.map(({ meanMs }, index) => meanMs / peer[index]!.meanMs),
        better: 'lower',
      },
    },
    gates: rows.map(gateOf),
    notes: NOTES,
    othersShare: median(costs.map(disturbance)),
    versions: { postgresql: version, pgbench: pgbenchVersion() },
  };
}

const NOTES = [
  `${CONNECTIONS} connections, Poisson arrivals at half of what pgbench reached in a closed loop.`,
  'the server takes 2 ms for a select, so that it decides how fast what waited is caught up on, and not the client.',
  'once a second another session locks the table for 80 to 120 ms, drawn anew for every run.',
  'late: answered more than the limit after the planned start; skipped: not sent, since it was that late already.',
  'both count from the planned start; latency is pgbench’s average and the mean of response_time.',
];

interface Compared {
  readonly kind: string;
  readonly theirs: readonly number[];
  readonly differences: readonly number[];
}

/** The difference is none that can be told, and one could be told if it were large. */
function gateOf({ kind, theirs, differences }: Compared): Gate {
  const interval = repetitionInterval(differences);
  const mean = theirs.reduce((sum, value) => sum + value, 0) / theirs.length;
  const width = interval === undefined ? Number.NaN : (interval.high - interval.low) / 2 / mean;
  const coversNone = interval !== undefined && interval.low <= 0 && interval.high >= 0;
  const text = `${kind}: no difference within ± ${share(width)} of pgbench’s mean, at most ${share(WIDEST_INTERVAL)}`;
  return { text, holds: coversNone && width <= WIDEST_INTERVAL };
}
