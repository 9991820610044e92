/** What a vector query costs the client: sockets of our own beside the official Node clients. */
import { failedOperations, runLoadgen } from '../loadgen.ts';
import { disturbance, runPinned, type Cost } from '../machine/pinned.ts';
import { whole } from '../report/figures.ts';
import type { CaseReport, Gate, Ratio, Table } from '../report/report.ts';
import { isInstalled, startPinnedRecipe } from '../servers/recipe.ts';
import { median, spread } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CLIENTS = ['raw', 'sdk'] as const;
/** What is stamped at the socket, and what around a client's call. */
const TIMES = { raw: 'service_time', sdk: 'call_time' } as const;
/** CPU of a query over our own sockets ÷ that of the official client, at most. */
const MOST_OF_SDK = 0.5;

interface Database {
  readonly driver: string;
  readonly recipe: string;
  /** The official client. */
  readonly sdk: string;
  /** Well below what either client and the server on its one core reach. */
  readonly ratePerSecond: number;
  /** A program that sends the same query and does nothing else: what no client goes below. */
  readonly floor?: string;
}

const DATABASES: readonly Database[] = [
  { driver: 'chroma', recipe: 'chroma', sdk: 'chromadb', ratePerSecond: 200 },
  { driver: 'weaviate', recipe: 'weaviate', sdk: 'weaviate-client', ratePerSecond: 400 },
  { driver: 'milvus', recipe: 'milvus', sdk: '@zilliz/milvus2-sdk-node', ratePerSecond: 200 },
  {
    driver: 'pgvector',
    recipe: 'postgres-pgvector',
    sdk: 'pg',
    ratePerSecond: 1_000,
    floor: 'bench/pgvector-floor.ts',
  },
];

export const knn: BenchCase = {
  name: 'knn',
  question:
    'CPU of a nearest-neighbour query at an equal rate: raw sockets beside official clients',
  repetitions: 3,
  seconds: 10,
  run: compare,
};

interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly p50Ms: number;
  readonly failed: number;
  readonly cost: Cost;
}

type Pair = Readonly<Record<(typeof CLIENTS)[number], Sample>>;

interface Compared extends Database {
  readonly pairs: readonly Pair[];
  /** CPU of a query, by repetition. */
  readonly floorsUs: readonly number[];
}

async function compare(settings: BenchSettings): Promise<CaseReport> {
  const there = DATABASES.filter(({ recipe }) => isInstalled(recipe));
  const compared: Compared[] = [];
  for (const database of there) compared.push(await compareOn(database, settings));
  const costs = compared.flatMap(({ pairs }) =>
    pairs.flatMap((pair) => CLIENTS.map((client) => pair[client].cost)),
  );
  return {
    tables: [tableOf(compared)],
    ratios: Object.fromEntries(compared.map(ratioOf)),
    gates: compared.map(gateOf),
    notes: [...NOTES, ...missing(there)],
    othersShare: median(costs.map(disturbance)),
    versions: {},
  };
}

const NOTES = [
  '2,000 rows of 128 numbers, 10 nearest, an open loop; the server on one core, loadgen whole on another.',
  'CPU is user and system time of the whole process in the measured phase, a query, with the runner and V8’s threads, but without what waiting for the next arrival turn by turn took.',
  'bare: one timer, one write and one read a query, in one thread; nothing is taken apart, recorded or decided.',
  'p50 is of service_time; of call_time, around the call, where the official client is used.',
];

function missing(there: readonly Database[]): string[] {
  return DATABASES.filter((database) => !there.includes(database)).map(
    ({ recipe }) => `${recipe} is not there: bash servers/${recipe}/install.sh`,
  );
}

async function compareOn(database: Database, settings: BenchSettings): Promise<Compared> {
  const { repetitions, seconds, say } = settings;
  const server = await startPinnedRecipe(database.recipe);
  try {
    const pairs: Pair[] = [];
    const floorsUs: number[] = [];
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      const raw = await runClient('raw', database, { url: server.url, seconds });
      const sdk = await runClient('sdk', database, { url: server.url, seconds });
      pairs.push({ raw, sdk });
      const [own, theirs] = [raw, sdk].map(({ cpuUs }) => cpuUs.toFixed(0));
      say(`${repetition}: ${database.driver} raw ${own} µs, ${database.sdk} ${theirs} µs`);
      if (database.floor !== undefined) {
        floorsUs.push(await runFloor(database.floor, database, { url: server.url, seconds }));
      }
    }
    return { ...database, pairs, floorsUs };
  } finally {
    await server.stop();
  }
}

async function runClient(
  client: (typeof CLIENTS)[number],
  { driver, ratePerSecond }: Database,
  { url, seconds }: { readonly url: string; readonly seconds: number },
): Promise<Sample> {
  const settings = [
    `targets.server.driver=${driver}`,
    `targets.server.client=${client}`,
    `params.rate=${ratePerSecond}`,
    `load.duration=${seconds}s`,
  ];
  const { result, measured, cost } = await runLoadgen('knn', url, { settings });
  const { workers, processCpuNs } = result.generator!;
  const durationNs = result.durationSeconds * 1e9;
  const spinNs = workers.reduce((sum, { spinShare }) => sum + spinShare * durationNs, 0);
  return {
    perSecond: result.throughput.operationsPerSecond,
    cpuUs: (processCpuNs - spinNs) / 1e3 / result.accounts.measure.attempted,
    p50Ms: measured.histogram(TIMES[client]).percentile(50) / 1e6,
    failed: failedOperations(result),
    cost,
  };
}

async function runFloor(
  program: string,
  { ratePerSecond }: Database,
  { url, seconds }: { readonly url: string; readonly seconds: number },
): Promise<number> {
  const numbers = [ratePerSecond, seconds].map(String);
  const { code, output, errors } = await runPinned([process.execPath, program, url, ...numbers]);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${errors}`);
  const { cpuUs, answered } = JSON.parse(output) as { cpuUs: number; answered: number };
  if (answered < 0.99) throw new Error(`${program}: only ${answered} of its queries were answered`);
  return cpuUs;
}

function tableOf(compared: readonly Compared[]): Table {
  return {
    title: 'Nearest-neighbour queries at an equal rate: median (range)',
    head: ['database', 'client', 'queries/s', 'CPU µs/query', 'raw ÷ it', 'p50 ms', 'failed'],
    rows: compared.flatMap((database) => [
      ...CLIENTS.map((client) => rowOf(database, client)),
      ...floorRows(database),
    ]),
  };
}

function floorRows({ driver, floorsUs, ratePerSecond }: Compared): string[][] {
  if (floorsUs.length === 0) return [];
  return [[driver, 'bare', whole(ratePerSecond), spread(floorsUs, 0), '', '', '']];
}

function rowOf({ driver, sdk, pairs }: Compared, client: (typeof CLIENTS)[number]): string[] {
  const of = (figure: (sample: Sample) => number): number[] =>
    pairs.map((pair) => figure(pair[client]));
  return [
    driver,
    client === 'sdk' ? sdk : 'raw',
    whole(median(of(({ perSecond }) => perSecond))),
    spread(
      of(({ cpuUs }) => cpuUs),
      0,
    ),
    client === 'sdk' ? spread(ratios(pairs)) : '',
    median(of(({ p50Ms }) => p50Ms)).toFixed(2),
    whole(of(({ failed }) => failed).reduce((sum, failed) => sum + failed, 0)),
  ];
}

function ratios(pairs: readonly Pair[]): number[] {
  return pairs.map(({ raw, sdk }) => raw.cpuUs / sdk.cpuUs);
}

function ratioOf({ driver, sdk, pairs }: Compared): [string, Ratio] {
  return [`CPU a query: ${driver} raw ÷ ${sdk}`, { values: ratios(pairs), better: 'lower' }];
}

function gateOf({ driver, sdk, pairs }: Compared): Gate {
  const ratio = median(ratios(pairs));
  const text = `${driver}: at most ${MOST_OF_SDK} × ${sdk}: ${ratio.toFixed(2)}`;
  return { text, holds: ratio <= MOST_OF_SDK };
}
