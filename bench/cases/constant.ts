/**
 * A server with a constant service time of 50 ms, closed loop: what loadgen and a bare client measure,
 * minus the residence time that the server reports, over the whole distribution. It can never be
 * negative, and loadgen's may be little more than the bare client's.
 */
import { runLoadgen } from '../loadgen.ts';
import { disturbance, runPinned } from '../machine/pinned.ts';
import { microseconds, milliseconds, whole } from '../report/figures.ts';
import type { CaseReport, Table } from '../report/report.ts';
import { residencesNs, startReference, type PinnedReference } from '../servers/reference.ts';
import { exactPercentile, median } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CONNECTIONS = 16;
const WARMUP_SECONDS = 3;
const PERCENTS = [0, 10, 50, 90, 99, 99.9, 100];
const JUDGED_PERCENT = 99;
/** Above the bare client, at the percentile that is judged. */
const MOST_ABOVE_NS = 500_000;

export const constant: BenchCase = {
  name: 'constant',
  question: 'service time beside what a server of constantly 50 ms says itself, and a bare client',
  repetitions: 3,
  seconds: 20,
  run: measure,
};

/** Of one client in one repetition, by `PERCENTS`. */
interface Measured {
  readonly residenceNs: readonly number[];
  readonly serviceNs: readonly number[];
  readonly othersShare: number;
}

interface Turn {
  readonly own: Measured;
  readonly bare: Measured;
}

async function measure({ repetitions, seconds, say }: BenchSettings): Promise<CaseReport> {
  const turns: Turn[] = [];
  const server = await startReference(['--service-time=50ms']);
  try {
    for (let repetition = 1; repetition <= repetitions; repetition++) {
      const turn = { own: await ownTimes(server, seconds), bare: await bareTimes(server, seconds) };
      turns.push(turn);
      const [own, bare] = [turn.own, turn.bare].map((of) => microseconds(judgedNs(of)));
      say(`${repetition}: at p${JUDGED_PERCENT} loadgen ${own} above the server, bare ${bare}`);
    }
  } finally {
    await server.stop();
  }
  const all = turns.flatMap(({ own, bare }) => [own, bare]);
  const smallestNs = Math.min(...turns.flatMap(({ own }) => differencesNs(own)));
  const aboveNs = turns.map(({ own, bare }) => judgedNs(own) - judgedNs(bare));
  const above = median(aboveNs);
  return {
    tables: turns.map(tableOf),
    ratios: {
      [`above a bare client at p${JUDGED_PERCENT}, in µs`]: {
        values: aboveNs.map((ns) => ns / 1e3),
        better: 'lower',
      },
    },
    gates: [
      { text: `never negative: ${microseconds(smallestNs)} at least`, holds: smallestNs >= 0 },
      {
        text: `p${JUDGED_PERCENT} at most ${microseconds(MOST_ABOVE_NS)} above a bare client’s: ${microseconds(above)}`,
        holds: above <= MOST_ABOVE_NS,
      },
    ],
    notes: [
      `${CONNECTIONS} connections answered in step: the answers of one instant leave and arrive one after another.`,
      `${WARMUP_SECONDS} s of warm-up before, which neither side of a difference has.`,
    ],
    othersShare: median(all.map(({ othersShare }) => othersShare)),
    versions: {},
  };
}

async function ownTimes(server: PinnedReference, seconds: number): Promise<Measured> {
  await server.reset();
  const settings = [
    `params.connections=${CONNECTIONS}`,
    `load.warmup.duration=${WARMUP_SECONDS}s`,
    `load.duration=${seconds}s`,
  ];
  const { measured, result, cost } = await runLoadgen('get', server.url, { settings });
  const own = measured.histogram('service_time');
  return {
    residenceNs: await residences(server, result.accounts.warmup!.attempted, own.count),
    // A cell's upper end would hide a difference below zero.
    serviceNs: PERCENTS.map((percent) => (percent === 0 ? own.min : own.percentile(percent))),
    othersShare: disturbance(cost),
  };
}

async function bareTimes(server: PinnedReference, seconds: number): Promise<Measured> {
  await server.reset();
  const numbers = [new URL(server.url).port, CONNECTIONS, seconds].map(String);
  const finished = await runPinned([process.execPath, 'bench/get-reader.ts', ...numbers]);
  if (finished.code !== 0) throw new Error(`the bare client failed: ${finished.errors}`);
  const { warmups, timesNs } = JSON.parse(finished.output) as {
    readonly warmups: number;
    readonly timesNs: readonly number[];
  };
  const sorted = Float64Array.from(timesNs).sort();
  return {
    residenceNs: await residences(server, warmups, timesNs.length),
    serviceNs: PERCENTS.map((percent) => exactPercentile(sorted, percent)),
    othersShare: disturbance(finished),
  };
}

/** In the log, without those of the warm-up, which came first. */
async function residences(
  server: PinnedReference,
  warmups: number,
  count: number,
): Promise<number[]> {
  const log = (await server.log()).slice(warmups);
  if (log.length !== count) {
    throw new Error(`${whole(count)} answers, and ${whole(log.length)} in the server’s log`);
  }
  const sorted = residencesNs(log);
  return PERCENTS.map((percent) => exactPercentile(sorted, percent));
}

function differencesNs({ residenceNs, serviceNs }: Measured): number[] {
  return serviceNs.map((ns, index) => ns - residenceNs[index]!);
}

function judgedNs(measured: Measured): number {
  return differencesNs(measured)[PERCENTS.indexOf(JUDGED_PERCENT)]!;
}

function tableOf({ own, bare }: Turn, index: number): Table {
  const [above, bareAbove] = [differencesNs(own), differencesNs(bare)];
  return {
    title: `50 ms, closed loop, ${CONNECTIONS} connections, repetition ${index + 1}`,
    head: [
      '',
      'server’s log',
      'service_time',
      'above it',
      'server’s log',
      'bare client',
      'above it',
    ],
    rows: PERCENTS.map((percent, at) => [
      `p${percent}`,
      milliseconds(own.residenceNs[at]!),
      milliseconds(own.serviceNs[at]!),
      microseconds(above[at]!),
      milliseconds(bare.residenceNs[at]!),
      milliseconds(bare.serviceNs[at]!),
      microseconds(bareAbove[at]!),
    ]),
  };
}
