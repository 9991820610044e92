/** HTTP/1.1 in a closed loop: each tool in turn with loadgen, so that both see the same machine. */
import { failedOperations, runLoadgen } from '../loadgen.ts';
import { disturbance, runPinned, type Cost } from '../machine/pinned.ts';
import { missingNotes, searchPeers, type InstalledPeer, type PeerName } from '../peers/registry.ts';
import { mebibytes, share, whole, wholeSpread } from '../report/figures.ts';
import type { CaseReport, Gate, Ratio, Table } from '../report/report.ts';
import { startNginx } from '../servers/nginx.ts';
import { median, spread } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CONNECTIONS = 64;
const PEERS: readonly PeerName[] = [
  'wrk',
  'wrk varied',
  'autocannon',
  'autocannon varied',
  'k6',
  'ab',
  'hey',
  'oha',
  'wrk2',
];

/** Requests a second of loadgen ÷ those of the peer, at least. */
const GATES: Partial<Record<string, number>> = {
  wrk: 0.9,
  'wrk varied': 0.9,
  autocannon: 2,
  'autocannon varied': 2,
  k6: 8,
};

export const httpClosed: BenchCase = {
  name: 'http-closed',
  question: 'requests a second, CPU and memory on one core, 64 connections, beside other tools',
  repetitions: 3,
  seconds: 10,
  run: compare,
};

/** What one program did in one repetition. */
interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly cost: Cost;
}

interface Pair {
  readonly peer: Sample;
  readonly own: Sample;
}

async function compare(settings: BenchSettings): Promise<CaseReport> {
  const search = searchPeers(PEERS);
  const pairs = new Map<string, Pair[]>(search.there.map(({ peer }) => [peer.name, []]));
  const driver: Sample[] = [];
  const server = await startNginx();
  try {
    for (let repetition = 1; repetition <= settings.repetitions; repetition++) {
      for (const installed of search.there) {
        const pair = {
          peer: await runPeer(installed, server.url, settings.seconds),
          own: await runOwn(server.url, settings.seconds),
        };
        pairs.get(installed.peer.name)!.push(pair);
        settings.say(`${repetition}: ${described(installed.peer.name, pair)}`);
      }
      driver.push(await runDriver(server.url, settings.seconds));
    }
  } finally {
    await server.stop();
  }
  return {
    tables: [tableOf(search.there, pairs, driver)],
    ratios: ratiosOf(pairs),
    gates: gatesOf(pairs),
    notes: [...missingNotes(search), varyingNote(search.there), ...NOTES],
    othersShare: median([...pairs.values()].flat().map(({ own }) => disturbance(own.cost))),
    versions: {
      nginx: server.version,
      ...Object.fromEntries(search.there.map(({ peer, version }) => [peer.name, version])),
    },
  };
}

function varyingNote(there: readonly InstalledPeer[]): string {
  const varying = there.filter(({ peer }) => peer.varies).map(({ peer }) => peer.name);
  const named = ['loadgen', ...varying].join(', ');
  return `Requests differ from one to the next with ${named}; the other tools send the same bytes again and again.`;
}

const NOTES = [
  `${CONNECTIONS} connections; the server on one core, each program whole on another.`,
  'wrk2 has no closed loop: it runs at a rate nobody reaches, and its latencies are of that plan.',
  'CPU is user and system time of the whole process (wait4), start and warm-up included, a request.',
  'memory is the peak of the resident set (ru_maxrss of wait4).',
  'latencies are as each tool prints them; loadgen: service_time.',
  'others: the part of the core that other programs had in the meantime, and what was stolen.',
];

async function runPeer(installed: InstalledPeer, url: string, seconds: number): Promise<Sample> {
  const { peer, program } = installed;
  const command = peer.command(program, { url, seconds, connections: CONNECTIONS })!;
  const finished = await runPinned(command);
  if (finished.code !== 0) {
    throw new Error(`${peer.name} ended with ${finished.code}: ${finished.errors}`);
  }
  const { requests, perSecond, failed, latencyMs } = peer.parse(finished.output);
  return {
    perSecond,
    cpuUs: (finished.cpuSeconds / requests) * 1e6,
    failed,
    p50Ms: latencyMs.p50,
    p99Ms: latencyMs.p99,
    cost: finished,
  };
}

async function runOwn(url: string, seconds: number): Promise<Sample> {
  const settings = [`params.connections=${CONNECTIONS}`, `load.duration=${seconds}s`];
  const { result, measured, cost, operations } = await runLoadgen('get', url, { settings });
  const service = measured.histogram('service_time');
  return {
    perSecond: result.throughput.operationsPerSecond,
    cpuUs: (cost.cpuSeconds / operations) * 1e6,
    failed: failedOperations(result),
    p50Ms: service.percentile(50) / 1e6,
    p99Ms: service.percentile(99) / 1e6,
    cost,
  };
}

/** The http driver with nothing of loadgen around it: what the rest of loadgen costs. */
async function runDriver(url: string, seconds: number): Promise<Sample> {
  const flags = [
    '--seconds',
    String(seconds),
    '--warmup',
    '1',
    '--connections',
    String(CONNECTIONS),
  ];
  const command = [process.execPath, 'bench/http-hot-path.ts', url, ...flags];
  const finished = await runPinned(command);
  if (finished.code !== 0) throw new Error(`the driver alone failed: ${finished.errors}`);
  const said = JSON.parse(finished.output) as DriverFigures;
  const total = Object.values(said.outcomes).reduce((sum, count) => sum + count, 0);
  return {
    perSecond: said.requestsPerSecond,
    cpuUs: said.cpuUsPerRequest,
    failed: total - (said.outcomes['ok'] ?? 0),
    p50Ms: said.p50Us / 1000,
    p99Ms: said.p99Us / 1000,
    cost: finished,
  };
}

interface DriverFigures {
  readonly requestsPerSecond: number;
  readonly cpuUsPerRequest: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly p50Us: number;
  readonly p99Us: number;
}

function described(name: string, { peer, own }: Pair): string {
  return (
    `${name} ${whole(peer.perSecond)}/s, ${peer.cpuUs.toFixed(1)} µs CPU; ` +
    `loadgen ${whole(own.perSecond)}/s, ${own.cpuUs.toFixed(1)} µs CPU; ` +
    `${(own.perSecond / peer.perSecond).toFixed(2)}`
  );
}

function tableOf(
  there: readonly InstalledPeer[],
  pairs: ReadonlyMap<string, readonly Pair[]>,
  driver: readonly Sample[],
): Table {
  const own = [...pairs.values()].flat().map((pair) => pair.own);
  const rows = there.map(({ peer }) => {
    const ofPeer = pairs.get(peer.name)!;
    const samples = ofPeer.map((pair) => pair.peer);
    return rowOf(peer.name, samples, [rateRatio(ofPeer), cpuRatio(ofPeer)]);
  });
  return {
    title: 'HTTP/1.1, closed loop, 64 connections: median (range)',
    head: [
      'program',
      'requests/s',
      'loadgen ÷ it',
      'CPU µs/request',
      'loadgen ÷ it',
      'memory',
      'p50 ms',
      'p99 ms',
      'failed',
      'others',
      'stolen',
    ],
    rows: [
      ...rows,
      ...(own.length > 0 ? [rowOf('loadgen', own, undefined)] : []),
      rowOf('its http driver alone', driver, undefined),
    ],
  };
}

function rowOf(
  name: string,
  samples: readonly Sample[],
  ratios: readonly [rate: readonly number[], cpu: readonly number[]] | undefined,
): string[] {
  const of = (figure: (sample: Sample) => number): number[] => samples.map(figure);
  return [
    name,
    wholeSpread(of(({ perSecond }) => perSecond)),
    ratios === undefined ? '' : spread(ratios[0]),
    spread(
      of(({ cpuUs }) => cpuUs),
      1,
    ),
    ratios === undefined ? '' : spread(ratios[1]),
    mebibytes(Math.max(...of(({ cost }) => cost.peakBytes))),
    printed(samples.map(({ p50Ms }) => p50Ms)),
    printed(samples.map(({ p99Ms }) => p99Ms)),
    whole(of(({ failed }) => failed).reduce((sum, failed) => sum + failed, 0)),
    share(median(of(({ cost }) => cost.othersShare))),
    share(median(of(({ cost }) => cost.stealShare))),
  ];
}

function printed(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? 'not printed' : median(known).toFixed(2);
}

function rateRatio(pairs: readonly Pair[]): number[] {
  return pairs.map(({ peer, own }) => own.perSecond / peer.perSecond);
}

function cpuRatio(pairs: readonly Pair[]): number[] {
  return pairs.map(({ peer, own }) => own.cpuUs / peer.cpuUs);
}

function ratiosOf(pairs: ReadonlyMap<string, readonly Pair[]>): Record<string, Ratio> {
  return Object.fromEntries(
    [...pairs].flatMap(([name, ofPeer]): [string, Ratio][] => [
      [`requests/s ÷ ${name}`, { values: rateRatio(ofPeer), better: 'higher' }],
      [`CPU a request ÷ ${name}`, { values: cpuRatio(ofPeer), better: 'lower' }],
    ]),
  );
}

function gatesOf(pairs: ReadonlyMap<string, readonly Pair[]>): Gate[] {
  return [...pairs].flatMap(([name, ofPeer]) => {
    const atLeast = GATES[name];
    if (atLeast === undefined) return [];
    const ratio = median(rateRatio(ofPeer));
    return [{ text: `${atLeast} × ${name}: ${ratio.toFixed(2)}`, holds: ratio >= atLeast }];
  });
}
