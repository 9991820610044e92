/** Triton, closed loop: its own Python client in turn with loadgen, over HTTP and gRPC. */
import { failedOperations, runLoadgen } from '../loadgen.ts';
import { disturbance, runPinned, type Cost } from '../machine/pinned.ts';
import { share, whole, wholeSpread } from '../report/figures.ts';
import type { CaseReport, Ratio, Table } from '../report/report.ts';
import { startTriton, tritonPython, type PinnedTriton } from '../servers/triton.ts';
import { median, spread } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CONCURRENCIES = [1, 4, 16];
const PROTOCOLS = ['http', 'grpc'] as const;

export const triton: BenchCase = {
  name: 'triton',
  question: 'Triton over HTTP and gRPC beside tritonclient (Python, async)',
  repetitions: 3,
  seconds: 5,
  run: compare,
};

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

interface Point {
  readonly protocol: (typeof PROTOCOLS)[number];
  readonly concurrency: number;
}

interface Row extends Point {
  readonly pairs: Pair[];
}

async function compare({ repetitions, seconds, say }: BenchSettings): Promise<CaseReport> {
  const python = tritonPython();
  if (python === undefined) return notInstalled();
  const rows = PROTOCOLS.flatMap((protocol) =>
    CONCURRENCIES.map((concurrency): Row => ({ protocol, concurrency, pairs: [] })),
  );
  let version = '';
  const server = await startTriton();
  try {
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      for (const row of rows) {
        const peer = await runPeer(python, server, { ...row, seconds });
        version = peer.version;
        const own = await runOwn(server, { ...row, seconds });
        row.pairs.push({ peer, own });
        say(`${repetition}: ${described(row, { peer, own })}`);
      }
    }
  } finally {
    await server.stop();
  }
  const pairs = rows.flatMap((row) => row.pairs);
  return {
    tables: [tableOf(rows)],
    ratios: ratiosOf(rows),
    gates: [],
    notes: NOTES,
    othersShare: median(pairs.map(({ peer, own }) => mostDisturbed(peer, own))),
    versions: { triton: '2.51.0', tritonclient: version },
  };
}

const NOTES = [
  'model add, two vectors of 64 FP32 as bytes; Triton on one core, each client whole on another.',
  'CPU is user and system time of the whole process, start and warm-up included, a request.',
  'latencies: tritonclient around its call, loadgen service_time.',
  'others had: of the core. Programs that may run anywhere go where a core is idle, and so to the ' +
    'client that needs less of it: where the shares differ, so did what the two had to run on.',
];

/** A ratio is no better than the worse of its sides. */
function mostDisturbed(...samples: readonly Sample[]): number {
  return Math.max(...samples.map(({ cost }) => disturbance(cost)));
}

function notInstalled(): CaseReport {
  const notes = ['Triton is not there: bash servers/triton/install.sh'];
  return { tables: [], ratios: {}, gates: [], notes, othersShare: 0, versions: {} };
}

interface Load extends Point {
  readonly seconds: number;
}

function urlOf({ httpUrl, grpcUrl }: PinnedTriton, { protocol }: Point): string {
  return protocol === 'http' ? httpUrl : grpcUrl;
}

async function runPeer(
  python: string,
  server: PinnedTriton,
  load: Load,
): Promise<Sample & { readonly version: string }> {
  const { protocol, concurrency, seconds } = load;
  const address = new URL(urlOf(server, load)).host;
  const flags = [protocol, address, String(concurrency), String(seconds)];
  const finished = await runPinned([python, 'bench/peers/triton_async.py', ...flags]);
  if (finished.code !== 0) throw new Error(`tritonclient: ${finished.errors}`);
  const said = JSON.parse(finished.output) as Omit<Sample, 'cpuUs' | 'cost'> & {
    readonly requests: number;
    readonly version: string;
  };
  return { ...said, cpuUs: (finished.cpuSeconds / said.requests) * 1e6, cost: finished };
}

async function runOwn(server: PinnedTriton, load: Load): Promise<Sample> {
  const settings = [
    `params.vus=${load.concurrency}`,
    `load.duration=${load.seconds}s`,
    // As tritonclient has it: all calls over one connection.
    ...(load.protocol === 'grpc' ? ['targets.server.connections=1'] : []),
  ];
  const run = await runLoadgen('triton', urlOf(server, load), { settings });
  const service = run.measured.histogram('service_time');
  return {
    perSecond: run.result.throughput.operationsPerSecond,
    cpuUs: (run.cost.cpuSeconds / run.operations) * 1e6,
    failed: failedOperations(run.result),
    p50Ms: service.percentile(50) / 1e6,
    p99Ms: service.percentile(99) / 1e6,
    cost: run.cost,
  };
}

function described({ protocol, concurrency }: Point, { peer, own }: Pair): string {
  return (
    `${protocol} ${concurrency}: tritonclient ${whole(peer.perSecond)}/s, ` +
    `${peer.cpuUs.toFixed(0)} µs CPU; loadgen ${whole(own.perSecond)}/s, ` +
    `${own.cpuUs.toFixed(0)} µs CPU; ${(own.perSecond / peer.perSecond).toFixed(2)}; ` +
    `others had ${share(disturbance(peer.cost))} and ${share(disturbance(own.cost))}`
  );
}

function tableOf(rows: readonly Row[]): Table {
  return {
    title: 'Triton, closed loop: median (range)',
    head: [
      'protocol',
      'in flight',
      'program',
      'requests/s',
      'loadgen ÷ it',
      'CPU µs/request',
      'p50 ms',
      'p99 ms',
      'failed',
      'others had',
    ],
    rows: rows.flatMap(({ protocol, concurrency, pairs }) => {
      const title = [protocol, String(concurrency)];
      const peers = pairs.map(({ peer }) => peer);
      const owns = pairs.map(({ own }) => own);
      return [
        [...title, 'tritonclient', ...cellsOf(peers, spread(rateRatio(pairs)))],
        [...title, 'loadgen', ...cellsOf(owns, '')],
      ];
    }),
  };
}

function cellsOf(samples: readonly Sample[], ratio: string): string[] {
  const of = (figure: (sample: Sample) => number): number[] => samples.map(figure);
  const known = (figure: (sample: Sample) => number | null): string => {
    const values = samples.map(figure).filter((value) => value !== null);
    return values.length === 0 ? 'not printed' : median(values).toFixed(2);
  };
  return [
    wholeSpread(of(({ perSecond }) => perSecond)),
    ratio,
    spread(
      of(({ cpuUs }) => cpuUs),
      1,
    ),
    known(({ p50Ms }) => p50Ms),
    known(({ p99Ms }) => p99Ms),
    whole(of(({ failed }) => failed).reduce((sum, failed) => sum + failed, 0)),
    share(median(of(({ cost }) => disturbance(cost)))),
  ];
}

function rateRatio(pairs: readonly Pair[]): number[] {
  return pairs.map(({ peer, own }) => own.perSecond / peer.perSecond);
}

function ratiosOf(rows: readonly Row[]): Record<string, Ratio> {
  return Object.fromEntries(
    rows.flatMap(({ protocol, concurrency, pairs }): [string, Ratio][] => {
      const cpu = pairs.map(({ peer, own }) => own.cpuUs / peer.cpuUs);
      return [
        [
          `requests/s ÷ tritonclient, ${protocol}, ${concurrency}`,
          { values: rateRatio(pairs), better: 'higher' },
        ],
        [
          `CPU a request ÷ tritonclient, ${protocol}, ${concurrency}`,
          { values: cpu, better: 'lower' },
        ],
      ];
    }),
  );
}
