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
/** Beside each measurement whose CPU is judged, so that what a start costs can be taken out. */
const SHORT_SECONDS = 2;

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
  /** Warm-up included, as in the cost. */
  readonly transactions: number;
  readonly failed: number;
  readonly cost: Cost;
}

interface Pair {
  readonly peer: Sample;
  readonly own: Sample;
  /** The same for a short time. */
  readonly short?: { readonly peer: Sample; readonly own: Sample } | undefined;
}

async function compare(variants: readonly Variant[], settings: BenchSettings): Promise<CaseReport> {
  const pairs = new Map<Variant, Pair[]>(variants.map((variant) => [variant, []]));
  const server = await startPostgres();
  try {
    await initialize(server, SCALE);
    for (let repetition = 1; repetition <= settings.repetitions; repetition++) {
      for (const variant of variants) {
        const pair = {
          ...(await runBoth(server, variant, settings.seconds)),
          short: isCpuJudged(variant) ? await runBoth(server, variant, SHORT_SECONDS) : undefined,
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
  `CPU of a further transaction: what a measurement took more than one of ${SHORT_SECONDS} s, by how many transactions it had more.`,
  'both draw keys at random; loadgen records histograms and checks the answers meanwhile.',
];

async function runBoth(server: Postgres, variant: Variant, seconds: number): Promise<Pair> {
  return {
    peer: await runPeer(server, variant, seconds),
    own: await runOwn(server, variant, seconds),
  };
}

async function runPeer(server: Postgres, variant: Variant, seconds: number): Promise<Sample> {
  const flags = ['-c', String(CONNECTIONS), '-T', String(seconds), ...variant.pgbench];
  const { transactions, perSecond, cost } = await runPgbench(server, flags);
  return { perSecond, transactions, failed: 0, cost };
}

async function runOwn({ url }: Postgres, variant: Variant, seconds: number): Promise<Sample> {
  const settings = [`load.vus=${CONNECTIONS}`, `load.duration=${seconds}s`, ...variant.settings];
  const { result, cost, operations } = await runLoadgen(variant.scenario, url, { settings });
  return {
    perSecond: result.throughput.operationsPerSecond,
    transactions: operations,
    failed: failedOperations(result),
    cost,
  };
}

function isCpuJudged({ gate }: Variant): boolean {
  return gate?.cpuAtMost !== undefined;
}

function cpuUs({ cost, transactions }: Sample): number {
  return (cost.cpuSeconds / transactions) * 1e6;
}

/** Of each transaction that the longer run had more: without what both took to start. */
function furtherCpuUs(long: Sample, short: Sample): number {
  const seconds = long.cost.cpuSeconds - short.cost.cpuSeconds;
  return (seconds / (long.transactions - short.transactions)) * 1e6;
}

function described({ name }: Variant, pair: Pair): string {
  const { peer, own } = pair;
  const further = furtherRatio([pair]).map((ratio) => `, a further one ${ratio.toFixed(2)}`);
  return (
    `${name}: pgbench ${whole(peer.perSecond)}/s, ${cpuUs(peer).toFixed(1)} µs CPU; ` +
    `loadgen ${whole(own.perSecond)}/s, ${cpuUs(own).toFixed(1)} µs CPU; ` +
    `${(own.perSecond / peer.perSecond).toFixed(2)}${further.join('')}`
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
      'further one',
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
  return [
    name,
    wholeSpread(peers.map(rate)),
    wholeSpread(own.map(rate)),
    spread(rateRatio(pairs)),
    spread(peers.map(cpuUs), 1),
    spread(own.map(cpuUs), 1),
    spread(cpuRatio(pairs)),
    furtherRatio(pairs).length === 0 ? '' : spread(furtherRatio(pairs)),
    mebibytes(Math.max(...own.map(({ cost }) => cost.peakBytes))),
    whole(own.reduce((sum, { failed }) => sum + failed, 0)),
    share(median(own.map(({ cost }) => cost.othersShare))),
  ];
}

function rateRatio(pairs: readonly Pair[]): number[] {
  return pairs.map(({ peer, own }) => own.perSecond / peer.perSecond);
}

function cpuRatio(pairs: readonly Pair[]): number[] {
  return pairs.map(({ peer, own }) => cpuUs(own) / cpuUs(peer));
}

/** Of CPU a further transaction; nothing where there were no short runs. */
function furtherRatio(pairs: readonly Pair[]): number[] {
  return pairs.flatMap(({ peer, own, short }) =>
    short === undefined ? [] : [furtherCpuUs(own, short.own) / furtherCpuUs(peer, short.peer)],
  );
}

function ratiosOf(pairs: ReadonlyMap<Variant, readonly Pair[]>): Record<string, Ratio> {
  return Object.fromEntries(
    [...pairs].flatMap(([{ name }, ofVariant]): [string, Ratio][] => [
      [`tps ÷ pgbench, ${name}`, { values: rateRatio(ofVariant), better: 'higher' }],
      [`CPU a transaction ÷ pgbench, ${name}`, { values: cpuRatio(ofVariant), better: 'lower' }],
      ...(furtherRatio(ofVariant).length === 0
        ? []
        : [
            [
              `CPU a further transaction ÷ pgbench, ${name}`,
              { values: furtherRatio(ofVariant), better: 'lower' },
            ] satisfies [string, Ratio],
          ]),
    ]),
  );
}

function gatesOf(pairs: ReadonlyMap<Variant, readonly Pair[]>): Gate[] {
  return [...pairs].flatMap(([{ name, gate }, ofVariant]): Gate[] => {
    if (gate === undefined) return [];
    const [rate, cpu] = [median(rateRatio(ofVariant)), median(furtherRatio(ofVariant))];
    const { rateAtLeast, cpuAtMost } = gate;
    const text = `${name}: tps at least ${rateAtLeast} × pgbench: ${rate.toFixed(2)}`;
    const gates: Gate[] = [{ text, holds: rate >= rateAtLeast }];
    if (cpuAtMost === undefined) return gates;
    const cpuText = `${name}: CPU of a further transaction at most ${cpuAtMost} × pgbench: ${cpu.toFixed(2)}`;
    return [...gates, { text: cpuText, holds: cpu <= cpuAtMost }];
  });
}
