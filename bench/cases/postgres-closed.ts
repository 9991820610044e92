/** PostgreSQL in a closed loop: pgbench in turn with loadgen, so that both see the same machine. */
import { failedOperations, runLoadgen } from '../loadgen.ts';
import { disturbance, type Cost } from '../machine/pinned.ts';
import { initialize, pgbenchVersion, runPgbench } from '../peers/pgbench.ts';
import { mebibytes, share, whole, wholeSpread } from '../report/figures.ts';
import type { CaseReport, Gate, Ratio, Table } from '../report/report.ts';
import { startPostgres, type Postgres } from '../servers/postgres.ts';
import { median, spread } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CONNECTIONS = 16;
const SCALE = 10;

/** One way to say the same transactions, in pgbench's words and in ours. */
interface Variant {
  readonly name: string;
  readonly pgbench: readonly string[];
  readonly scenario: 'postgres' | 'postgres-pipeline';
  readonly settings: readonly string[];
  /** Transactions a second, and CPU a transaction, as parts of pgbench's. */
  readonly gate?: { readonly rateAtLeast: number; readonly cpuAtMost?: number };
}

function variantsOf(workload: string, builtin: string, gate: Variant['gate']): readonly Variant[] {
  const ways = ['prepared', 'extended', 'simple'].map((protocol): Variant => ({
    name: protocol,
    pgbench: ['-b', builtin, '-M', protocol],
    scenario: 'postgres',
    settings: [`params.workload=${workload}`, `targets.server.protocol=${protocol}`],
    ...(protocol === 'prepared' && gate !== undefined && { gate }),
  }));
  const sdk: Variant = {
    name: 'prepared, client: sdk',
    pgbench: ['-b', builtin, '-M', 'prepared'],
    scenario: 'postgres',
    settings: [`params.workload=${workload}`, 'targets.server.client=sdk'],
  };
  return [...ways, sdk];
}

const PIPELINE: Variant = {
  name: 'prepared, in a pipeline',
  pgbench: ['-f', 'bench/peers/pgbench-pipeline.sql', '-M', 'prepared', '-D', `scale=${SCALE}`],
  scenario: 'postgres-pipeline',
  settings: [],
};

export const postgresSelect: BenchCase = {
  name: 'postgres-select',
  question: 'point selects a second and CPU beside pgbench, by protocol and client',
  repetitions: 5,
  seconds: 20,
  run: (settings) =>
    compare(variantsOf('select-only', 'select-only', { rateAtLeast: 1, cpuAtMost: 1.2 }), settings),
};

export const postgresTpcb: BenchCase = {
  name: 'postgres-tpcb',
  question: 'transactions of TPC-B a second and CPU beside pgbench, by protocol and client',
  repetitions: 5,
  seconds: 20,
  run: (settings) =>
    compare([...variantsOf('tpcb-like', 'tpcb-like', { rateAtLeast: 1 }), PIPELINE], settings),
};

interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly failed: number;
  readonly cost: Cost;
}

interface Pair {
  readonly peer: Sample;
  readonly own: Sample;
}

async function compare(variants: readonly Variant[], settings: BenchSettings): Promise<CaseReport> {
  const pairs = new Map<Variant, Pair[]>(variants.map((variant) => [variant, []]));
  const server = await startPostgres();
  try {
    await initialize(server, SCALE);
    for (let repetition = 1; repetition <= settings.repetitions; repetition++) {
      for (const variant of variants) {
        const pair = {
          peer: await runPeer(server, variant, settings.seconds),
          own: await runOwn(server, variant, settings.seconds),
        };
        pairs.get(variant)!.push(pair);
        settings.say(`${repetition}: ${described(variant, pair)}`);
      }
    }
  } finally {
    await server.stop();
  }
  const all = [...pairs.values()].flat();
  return {
    tables: [tableOf(pairs)],
    ratios: ratiosOf(pairs),
    gates: gatesOf(pairs),
    notes: NOTES,
    othersShare: median(all.map(({ own }) => disturbance(own.cost))),
    versions: { postgresql: server.version, pgbench: pgbenchVersion() },
  };
}

const NOTES = [
  `${CONNECTIONS} connections, scale ${SCALE}; the server's processes on one core, each client whole on another.`,
  'CPU is user and system time of the whole process (wait4), start and warm-up included, a transaction.',
  'both draw keys at random; loadgen records histograms and checks the answers meanwhile.',
];

async function runPeer(server: Postgres, variant: Variant, seconds: number): Promise<Sample> {
  const flags = ['-c', String(CONNECTIONS), '-T', String(seconds), ...variant.pgbench];
  const { transactions, perSecond, cost } = await runPgbench(server, flags);
  return { perSecond, cpuUs: (cost.cpuSeconds / transactions) * 1e6, failed: 0, cost };
}

async function runOwn({ url }: Postgres, variant: Variant, seconds: number): Promise<Sample> {
  const settings = [`load.vus=${CONNECTIONS}`, `load.duration=${seconds}s`, ...variant.settings];
  const { result, cost, operations } = await runLoadgen(variant.scenario, url, { settings });
  return {
    perSecond: result.throughput.operationsPerSecond,
    cpuUs: (cost.cpuSeconds / operations) * 1e6,
    failed: failedOperations(result),
    cost,
  };
}

function described({ name }: Variant, { peer, own }: Pair): string {
  return (
    `${name}: pgbench ${whole(peer.perSecond)}/s, ${peer.cpuUs.toFixed(1)} µs CPU; ` +
    `loadgen ${whole(own.perSecond)}/s, ${own.cpuUs.toFixed(1)} µs CPU; ` +
    `${(own.perSecond / peer.perSecond).toFixed(2)}`
  );
}

function tableOf(pairs: ReadonlyMap<Variant, readonly Pair[]>): Table {
  return {
    title: `PostgreSQL, closed loop, ${CONNECTIONS} connections: median (range)`,
    head: [
      'how',
      'pgbench tps',
      'loadgen tps',
      'loadgen ÷ pgbench',
      'pgbench CPU µs',
      'loadgen CPU µs',
      'loadgen ÷ pgbench',
      'memory',
      'failed',
      'others',
    ],
    rows: [...pairs].map(([{ name }, ofVariant]) => rowOf(name, ofVariant)),
  };
}

function rowOf(name: string, pairs: readonly Pair[]): string[] {
  const peers = pairs.map(({ peer }) => peer);
  const own = pairs.map((pair) => pair.own);
  const rate = ({ perSecond }: Sample): number => perSecond;
  const cpu = ({ cpuUs }: Sample): number => cpuUs;
  return [
    name,
    wholeSpread(peers.map(rate)),
    wholeSpread(own.map(rate)),
    spread(rateRatio(pairs)),
    spread(peers.map(cpu), 1),
    spread(own.map(cpu), 1),
    spread(cpuRatio(pairs)),
    mebibytes(Math.max(...own.map(({ cost }) => cost.peakBytes))),
    whole(own.reduce((sum, { failed }) => sum + failed, 0)),
    share(median(own.map(({ cost }) => cost.othersShare))),
  ];
}

function rateRatio(pairs: readonly Pair[]): number[] {
  return pairs.map(({ peer, own }) => own.perSecond / peer.perSecond);
}

function cpuRatio(pairs: readonly Pair[]): number[] {
  return pairs.map(({ peer, own }) => own.cpuUs / peer.cpuUs);
}

function ratiosOf(pairs: ReadonlyMap<Variant, readonly Pair[]>): Record<string, Ratio> {
  return Object.fromEntries(
    [...pairs].flatMap(([{ name }, ofVariant]): [string, Ratio][] => [
      [`tps ÷ pgbench, ${name}`, { values: rateRatio(ofVariant), better: 'higher' }],
      [`CPU a transaction ÷ pgbench, ${name}`, { values: cpuRatio(ofVariant), better: 'lower' }],
    ]),
  );
}

function gatesOf(pairs: ReadonlyMap<Variant, readonly Pair[]>): Gate[] {
  return [...pairs].flatMap(([{ name, gate }, ofVariant]): Gate[] => {
    if (gate === undefined) return [];
    const [rate, cpu] = [median(rateRatio(ofVariant)), median(cpuRatio(ofVariant))];
    const { rateAtLeast, cpuAtMost } = gate;
    const text = `${name}: tps at least ${rateAtLeast} × pgbench: ${rate.toFixed(2)}`;
    const gates: Gate[] = [{ text, holds: rate >= rateAtLeast }];
    if (cpuAtMost === undefined) return gates;
    const cpuText = `${name}: CPU at most ${cpuAtMost} × pgbench: ${cpu.toFixed(2)}`;
    return [...gates, { text: cpuText, holds: cpu <= cpuAtMost }];
  });
}
