/**
 * An open loop at 5,000 a second with one worker: whether everything was sent, how late, and what
 * the server saw of it. Beside it a bare loop that only looks at the clock, on the same core.
 */
import { runLoadgen } from '../loadgen.ts';
import { disturbance, runPinned } from '../machine/pinned.ts';
import { microseconds, share, whole } from '../report/figures.ts';
import type { CaseReport } from '../report/report.ts';
import { startReference, type PinnedReference, type ServedRequest } from '../servers/reference.ts';
import { exactPercentile, median } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const RATE_PER_SECOND = 5_000;
const GAP_NS = 1e9 / RATE_PER_SECOND;
const UNDELIVERED_SHARE = 0.001;
const LAG_P99_NS = 100_000;
/** V8 compiles and grows its heap in the first seconds, which are those of no long run. */
const WARMUP_SECONDS = 5;
/** The gate where the core itself is worse than that. */
const TIMES_THE_FLOOR = 2;

export const open5000: BenchCase = {
  name: 'open-5000',
  question: 'delivered share and lateness of 5,000 evenly spaced arrivals a second, one worker',
  repetitions: 5,
  seconds: 10,
  run: measure,
};

interface Lateness {
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

interface Repetition {
  readonly due: number;
  readonly delivered: number;
  readonly pacer: Lateness;
  readonly write: Lateness;
  readonly floor: Lateness;
  readonly atServer: Lateness;
  readonly cpuShare: number;
  readonly othersShare: number;
}

async function measure(settings: BenchSettings): Promise<CaseReport> {
  const repetitions: Repetition[] = [];
  for (let number = 1; number <= settings.repetitions; number++) {
    // A new one each time: collecting the log of the time before would stop it for 50 ms.
    const server = await startReference([]);
    try {
      repetitions.push(await repeat(server, settings.seconds));
    } finally {
      await server.stop();
    }
    const repetition = repetitions.at(-1)!;
    settings.say(
      `${number}: lag p99 ${microseconds(lagP99Ns(repetition))}, ` +
        `bare loop ${microseconds(repetition.floor.p99Ns)}`,
    );
  }
  return reportOf(repetitions);
}

async function repeat(server: PinnedReference, seconds: number): Promise<Repetition> {
  const floor = await spinFloor(seconds);
  const settings = [
    `load.duration=${seconds}s`,
    `load.warmup.duration=${WARMUP_SECONDS}s`,
    `load.rate=${RATE_PER_SECOND}/s`,
    'load.arrival=constant',
  ];
  const { measured, result, cost } = await runLoadgen('open', server.url, { settings });
  const log = measuredPart(await server.log(), result.accounts.warmup?.attempted ?? 0);
  return {
    due: result.accounts.measure.due,
    delivered: log.length,
    pacer: latenessOf(measured.histogram('pacer_lag')),
    write: latenessOf(measured.histogram('write_lag')),
    floor,
    atServer: latenessAtServer(log),
    cpuShare: cost.cpuSeconds / cost.wallSeconds,
    othersShare: disturbance(cost),
  };
}

/** What came after the warm-up: evenly spaced arrivals do not overtake each other. */
function measuredPart(log: readonly ServedRequest[], warmupRequests: number): ServedRequest[] {
  return log.toSorted((one, other) => one.arrivalNs - other.arrivalNs).slice(warmupRequests);
}

async function spinFloor(seconds: number): Promise<Lateness> {
  const flags = [String(RATE_PER_SECOND), String(seconds)];
  const { output } = await runPinned([process.execPath, 'bench/spin-floor.ts', ...flags]);
  return JSON.parse(output) as Lateness;
}

function latenessOf(histogram: { percentile(percent: number): number; max: number }): Lateness {
  return {
    p50Ns: histogram.percentile(50),
    p99Ns: histogram.percentile(99),
    maxNs: histogram.max,
  };
}

/**
 * How far arrivals are behind a plan of even gaps, from the server's own stamps. Its clock and the
 * plan's have no common zero, so the most punctual arrival is taken as the plan's: this shows what
 * pacing and the way to the server vary by, and not what all arrivals have in common.
 */
export function latenessAtServer(log: readonly ServedRequest[]): Lateness {
  const behindNs = Float64Array.from(
    log.map(({ arrivalNs }) => arrivalNs).toSorted((one, other) => one - other),
    (arrivalNs, index) => arrivalNs - index * GAP_NS,
  ).sort();
  const zeroNs = behindNs[0]!;
  return {
    p50Ns: exactPercentile(behindNs, 50) - zeroNs,
    p99Ns: exactPercentile(behindNs, 99) - zeroNs,
    maxNs: behindNs.at(-1)! - zeroNs,
  };
}

/** At least that of the sum of both. */
function lagP99Ns({ pacer, write }: Repetition): number {
  return pacer.p99Ns + write.p99Ns;
}

function reportOf(repetitions: readonly Repetition[]): CaseReport {
  const undelivered = repetitions.map(({ due, delivered }) => Math.abs(1 - delivered / due));
  const lagNs = median(repetitions.map(lagP99Ns));
  const floorNs = median(repetitions.map(({ floor }) => floor.p99Ns));
  const limitNs = Math.max(LAG_P99_NS, TIMES_THE_FLOOR * floorNs);
  return {
    tables: [
      {
        title: `${whole(RATE_PER_SECOND)}/s, evenly spaced, one worker`,
        head: [
          'repetition',
          'due',
          'at the server',
          'pacer_lag p50',
          'p99',
          'write_lag p50',
          'p99',
          'bare loop p50',
          'p99',
          'arrivals p50',
          'p99',
          'max',
          'CPU',
          'others',
        ],
        rows: repetitions.map((repetition, index) => rowOf(repetition, index + 1)),
      },
    ],
    ratios: {
      'lag p99 in µs': { values: repetitions.map((r) => lagP99Ns(r) / 1e3), better: 'lower' },
    },
    gates: [
      {
        text: `delivered within 0.1%: off by ${share(Math.max(...undelivered))} at most`,
        holds: Math.max(...undelivered) <= UNDELIVERED_SHARE,
      },
      {
        text:
          `pacer_lag p99 + write_lag p99 ${microseconds(lagNs)}, at most ` +
          `${microseconds(limitNs)} (bare loop p99 ${microseconds(floorNs)})`,
        holds: lagNs <= limitNs,
      },
    ],
    notes: [
      'arrivals: the server’s own stamps against even gaps, from the most punctual one on.',
      'bare loop: one that only looks at the clock, on the same core, just before.',
      `${WARMUP_SECONDS} s of warm-up at the same rate went before, and are in no figure.`,
      'others: the part of the core that other programs had in the meantime, and what was stolen.',
    ],
    othersShare: median(repetitions.map(({ othersShare }) => othersShare)),
    versions: {},
  };
}

function rowOf(repetition: Repetition, number: number): string[] {
  const { due, delivered, pacer, write, floor, atServer, cpuShare, othersShare } = repetition;
  return [
    String(number),
    whole(due),
    whole(delivered),
    ...[pacer, write, floor, atServer].flatMap(({ p50Ns, p99Ns }) => [
      microseconds(p50Ns),
      microseconds(p99Ns),
    ]),
    microseconds(atServer.maxNs),
    share(cpuShare),
    share(othersShare),
  ];
}
