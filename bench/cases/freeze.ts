/**
 * A server that stands still for 500 ms every 2.5 s at 1,000 requests a second. What a user waits
 * is what the server's own log says of requests that came whatever it did: loadgen's response time
 * must follow it. The other tools meet the same server, and the table shows what they print.
 */
import { runLoadgen } from '../loadgen.ts';
import { disturbance, runPinned } from '../machine/pinned.ts';
import type { PeerFigures } from '../peers/peer.ts';
import { missingNotes, searchPeers, type InstalledPeer, type PeerName } from '../peers/registry.ts';
import { milliseconds, share, whole } from '../report/figures.ts';
import type { CaseReport } from '../report/report.ts';
import { residencesNs, startReference, type ServedRequest } from '../servers/reference.ts';
import { exactPercentile, median } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const RATE_PER_SECOND = 1_000;
const SERVER_FLAGS = ['--service-time=1ms', '--freeze=500ms/2500ms'];
const PEERS: readonly PeerName[] = ['k6', 'wrk', 'wrk2', 'autocannon', 'hey', 'oha'];
/** Of tools that keep connections for an open loop: as many as a freeze lets pile up. */
const OPEN_CONNECTIONS = 600;
/** Of tools without an open loop: one, which comes near the same rate while nothing freezes. */
const CLOSED_CONNECTIONS = 1;
const TOLERANCE = 0.03;
const PUNCTUAL_NS = 1_000_000;
/** The last is the maximum. */
const PERCENTS = [50, 90, 99, 100] as const;

export const freeze: BenchCase = {
  name: 'freeze',
  question: 'what each tool prints of a server that freezes for 500 ms every 2.5 s, at 1,000/s',
  repetitions: 3,
  seconds: 60,
  run: compare,
};

/** Percentiles in ns; null where the tool prints none. */
type Percentiles = readonly (number | null)[];

interface Row {
  readonly name: string;
  readonly requests: number;
  readonly dropped: string;
  readonly printed: Percentiles;
  readonly logged: Percentiles;
  readonly othersShare: number;
  /** Of the requests: left within 1 ms of when Lindley's recursion says. */
  readonly punctualShare: number;
}

async function compare(settings: BenchSettings): Promise<CaseReport> {
  const search = searchPeers(PEERS);
  const rows: Row[] = [];
  const differences: number[] = [];
  const others: number[] = [];
  for (let repetition = 1; repetition <= settings.repetitions; repetition++) {
    const own = await runOwn(settings.seconds);
    differences.push(worstDifference(own));
    rows.push(own);
    others.push(own.othersShare);
    settings.say(`${repetition}: loadgen off the log by ${share(differences.at(-1)!)} at most`);
  }
  for (const installed of search.there) rows.push(await runPeer(installed, settings.seconds));
  const worst = Math.max(...differences);
  return {
    tables: [
      {
        title: `A server that freezes, ${RATE_PER_SECOND}/s`,
        head: [
          'program',
          'requests',
          'not sent',
          'prints p50',
          'p90',
          'p99',
          'max',
          'server log p50',
          'p90',
          'p99',
          'max',
          'left in time',
          'others',
        ],
        rows: rows.map(
          ({ name, requests, dropped, printed, logged, punctualShare, othersShare }) => [
            name,
            whole(requests),
            dropped,
            ...printed.map(shown),
            ...logged.map(shown),
            share(punctualShare),
            share(othersShare),
          ],
        ),
      },
    ],
    ratios: { 'distance from the log': { values: differences, better: 'lower' } },
    gates: [
      {
        text: `p90 and p99 within ${share(TOLERANCE)} of the log: ${share(worst)}`,
        holds: worst <= TOLERANCE,
      },
    ],
    notes: [...missingNotes(search), ...NOTES],
    othersShare: median(others),
    versions: Object.fromEntries(search.there.map(({ peer, version }) => [peer.name, version])),
  };
}

const NOTES = [
  'the log is of the requests that this tool sent: a tool that waits while the server is frozen ' +
    'sends none that would have waited, and its log looks as good as its figures.',
  'what users wait at this rate is in the log of an open loop: the rows of loadgen.',
  'loadgen: response_time, Poisson arrivals, failed and unsent requests ranked as never answered.',
];

async function runOwn(seconds: number): Promise<Row> {
  return withReference(async (url, log) => {
    const settings = [`load.duration=${seconds}s`, `load.rate=${RATE_PER_SECOND}/s`];
    const { measured, result, cost } = await runLoadgen('open', url, { settings });
    const ranked = measured.ranked('response_time');
    const printed = PERCENTS.map((percent) => {
      if (percent === 100) return ranked.neverAnswered > 0 ? null : ranked.answered.max;
      const found = ranked.percentile(percent);
      return found.kind === 'value' ? found.value : null;
    });
    const { due, unsent } = result.accounts.measure;
    const unsentCount = Object.values(unsent).reduce((sum, count) => sum + count, 0);
    const dropped = whole(unsentCount);
    return {
      name: 'loadgen',
      requests: due,
      dropped,
      printed,
      ...judgedLog(await log()),
      othersShare: disturbance(cost),
    };
  });
}

async function runPeer({ peer, program }: InstalledPeer, seconds: number): Promise<Row> {
  return withReference(async (url, log) => {
    const load = { url, seconds, connections: OPEN_CONNECTIONS, ratePerSecond: RATE_PER_SECOND };
    const open = peer.command(program, load);
    const closed = { url, seconds, connections: CLOSED_CONNECTIONS };
    const finished = await runPinned(open ?? peer.command(program, closed)!);
    if (finished.code !== 0) {
      throw new Error(`${peer.name} ended with ${finished.code}: ${finished.errors}`);
    }
    const figures = peer.parse(finished.output);
    return {
      name: `${peer.name} (${open === undefined ? 'closed' : `${RATE_PER_SECOND}/s`})`,
      requests: figures.requests,
      dropped: figures.dropped === undefined ? 'not said' : whole(figures.dropped),
      printed: printedBy(figures),
      ...judgedLog(await log()),
      othersShare: disturbance(finished),
    };
  });
}

async function withReference<Result>(
  work: (url: string, log: () => Promise<readonly ServedRequest[]>) => Promise<Result>,
): Promise<Result> {
  const server = await startReference(SERVER_FLAGS);
  try {
    await server.reset();
    return await work(server.url, () => server.log());
  } finally {
    await server.stop();
  }
}

function printedBy({ latencyMs }: PeerFigures): Percentiles {
  const { p50, p90, p99, max } = latencyMs;
  return [p50, p90, p99, max].map((ms) => (ms === null ? null : ms * 1e6));
}

function judgedLog(log: readonly ServedRequest[]): Pick<Row, 'logged' | 'punctualShare'> {
  const sorted = residencesNs(log);
  const punctual = log.filter(({ departureNs, dueNs }) => departureNs - dueNs <= PUNCTUAL_NS);
  return {
    logged: PERCENTS.map((percent) => exactPercentile(sorted, percent)),
    punctualShare: punctual.length / log.length,
  };
}

/** Of p90 and p99; a percentile that nobody answered differs without limit. */
function worstDifference({ printed, logged }: Row): number {
  const differences = PERCENTS.map((_, index) => {
    const own = printed[index] ?? Number.POSITIVE_INFINITY;
    return Math.abs(own / logged[index]! - 1);
  });
  const [, p90 = Number.NaN, p99 = Number.NaN] = differences;
  return Math.max(p90, p99);
}

function shown(ns: number | null): string {
  return ns === null ? 'not answered' : milliseconds(ns);
}
