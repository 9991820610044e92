/**
 * A server with a constant service time of 50 ms, closed loop: loadgen's service time minus the
 * residence time that the server reports, over the whole distribution. It can never be negative.
 */
import { runLoadgen } from '../loadgen.ts';
import { disturbance } from '../machine/pinned.ts';
import { microseconds, milliseconds, whole } from '../report/figures.ts';
import type { CaseReport } from '../report/report.ts';
import { residencesNs, startReference } from '../servers/reference.ts';
import { exactPercentile, median } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const CONNECTIONS = 16;
const PERCENTS = [10, 50, 90, 99, 99.9];
const P99_LIMIT_NS = 500_000;

export const constant: BenchCase = {
  name: 'constant',
  question: 'service time beside what a server of constantly 50 ms says itself',
  repetitions: 1,
  seconds: 30,
  run: measure,
};

interface Difference {
  readonly name: string;
  readonly residenceNs: number;
  readonly serviceNs: number;
}

async function measure({ repetitions, seconds, say }: BenchSettings): Promise<CaseReport> {
  const runs: Difference[][] = [];
  const others: number[] = [];
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    const { differences, othersShare } = await compare(seconds, say);
    runs.push(differences);
    others.push(othersShare);
  }
  const smallestNs = Math.min(...runs.flat().map(differenceNs));
  const atP99 = runs.map((run) => differenceNs(run.find(({ name }) => name === 'p99')!));
  return {
    tables: runs.map((run, index) => ({
      title: `50 ms, closed loop, ${CONNECTIONS} connections, repetition ${index + 1}`,
      head: ['', 'residence in the log', 'service_time', 'difference'],
      rows: run.map(({ name, residenceNs, serviceNs }) => [
        name,
        milliseconds(residenceNs),
        milliseconds(serviceNs),
        microseconds(serviceNs - residenceNs),
      ]),
    })),
    ratios: {
      'difference at p99 in µs': { values: atP99.map((ns) => ns / 1e3), better: 'lower' },
    },
    gates: [
      { text: `never negative: ${microseconds(smallestNs)} at least`, holds: smallestNs >= 0 },
      {
        text: `p99 within ${microseconds(P99_LIMIT_NS)}: ${microseconds(Math.max(...atP99))}`,
        holds: Math.max(...atP99) <= P99_LIMIT_NS,
      },
    ],
    notes: ['the limit at p99 is on top of what a bare client sees, which is not taken off here.'],
    othersShare: median(others),
    versions: {},
  };
}

interface Comparison {
  readonly differences: Difference[];
  readonly othersShare: number;
}

async function compare(seconds: number, say: BenchSettings['say']): Promise<Comparison> {
  const server = await startReference(['--service-time=50ms']);
  try {
    await server.reset();
    const settings = [
      `params.connections=${CONNECTIONS}`,
      `load.duration=${seconds}s`,
      'load.warmup=null',
    ];
    const { measured, cost } = await runLoadgen('get', server.url, { settings });
    const truthNs = residencesNs(await server.log());
    const own = measured.histogram('service_time');
    say(`${whole(own.count)} operations, ${whole(truthNs.length)} in the log`);
    const differences = [
      { name: 'min', residenceNs: truthNs[0]!, serviceNs: own.min },
      ...PERCENTS.map((percent) => ({
        name: `p${percent}`,
        residenceNs: exactPercentile(truthNs, percent),
        serviceNs: own.percentile(percent),
      })),
      { name: 'max', residenceNs: truthNs.at(-1)!, serviceNs: own.max },
    ];
    return { differences, othersShare: disturbance(cost) };
  } finally {
    await server.stop();
  }
}

function differenceNs({ residenceNs, serviceNs }: Difference): number {
  return serviceNs - residenceNs;
}
