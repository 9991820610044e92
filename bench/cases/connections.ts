/** What more connections cost: requests a second, latency, CPU and memory from 1 to 4,096. */
import { failedOperations, runLoadgen } from '../loadgen.ts';
import { disturbance, runPinned } from '../machine/pinned.ts';
import { missingNotes, searchPeers } from '../peers/registry.ts';
import { mebibytes, milliseconds, share, whole, wholeSpread } from '../report/figures.ts';
import type { CaseReport, Ratio } from '../report/report.ts';
import { startNginx } from '../servers/nginx.ts';
import { median, spread } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const LEVELS = [1, 4, 16, 64, 256, 1024, 4096];

export const connections: BenchCase = {
  name: 'connections',
  question: 'requests a second from 1 to 4,096 connections, beside wrk',
  repetitions: 2,
  seconds: 3,
  run: measure,
};

interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly peakBytes: number;
  readonly failed: number;
  readonly othersShare: number;
  /** Requests a second of wrk; undefined where it is not there. */
  readonly wrkPerSecond: number | undefined;
}

async function measure(settings: BenchSettings): Promise<CaseReport> {
  const search = searchPeers(['wrk']);
  const levels = new Map<number, Sample[]>(LEVELS.map((level) => [level, []]));
  const server = await startNginx();
  try {
    const wrk = search.there[0];
    for (let repetition = 1; repetition <= settings.repetitions; repetition++) {
      for (const [level, samples] of levels) {
        const load = { url: server.url, seconds: settings.seconds, connections: level };
        const command = wrk?.peer.command(wrk.program, load);
        const output = command && (await runPinned(command)).output;
        const wrkPerSecond = output && wrk?.peer.parse(output).perSecond;
        const sample = { ...(await runOwn(server.url, level, settings.seconds)), wrkPerSecond };
        samples.push({ ...sample, wrkPerSecond: wrkPerSecond || undefined });
        settings.say(`${repetition}: ${level} connections, ${whole(sample.perSecond)}/s`);
      }
    }
  } finally {
    await server.stop();
  }
  return {
    tables: [
      {
        title: 'HTTP/1.1, closed loop, by connections: median (range)',
        head: [
          'connections',
          'loadgen requests/s',
          'wrk requests/s',
          'loadgen ÷ wrk',
          'CPU µs/request',
          'service_time p50',
          'p99',
          'memory',
          'failed',
          'others',
        ],
        rows: [...levels].map(([level, samples]) => rowOf(level, samples)),
      },
    ],
    ratios: ratiosOf(levels),
    gates: [],
    notes: [
      ...missingNotes(search),
      'CPU counts the whole process, start included; it weighs more where requests are few.',
    ],
    othersShare: median([...levels.values()].flat().map((sample) => sample.othersShare)),
    versions: {
      nginx: server.version,
      ...Object.fromEntries(search.there.map(({ peer, version }) => [peer.name, version])),
    },
  };
}

async function runOwn(url: string, level: number, seconds: number): Promise<Sample> {
  const settings = [`params.connections=${level}`, `load.duration=${seconds}s`];
  const { result, measured, cost, operations } = await runLoadgen('get', url, { settings });
  const service = measured.histogram('service_time');
  return {
    perSecond: result.throughput.operationsPerSecond,
    cpuUs: (cost.cpuSeconds / operations) * 1e6,
    p50Ns: service.percentile(50),
    p99Ns: service.percentile(99),
    peakBytes: cost.peakBytes,
    failed: failedOperations(result),
    othersShare: disturbance(cost),
    wrkPerSecond: undefined,
  };
}

function rowOf(level: number, samples: readonly Sample[]): string[] {
  const of = (figure: (sample: Sample) => number): number[] => samples.map(figure);
  const wrk = samples.map(({ wrkPerSecond }) => wrkPerSecond).filter((rate) => rate !== undefined);
  return [
    whole(level),
    wholeSpread(of(({ perSecond }) => perSecond)),
    wrk.length === 0 ? '' : wholeSpread(wrk),
    wrk.length === 0 ? '' : spread(rateRatio(samples)),
    median(of(({ cpuUs }) => cpuUs)).toFixed(1),
    milliseconds(median(of(({ p50Ns }) => p50Ns))),
    milliseconds(median(of(({ p99Ns }) => p99Ns))),
    mebibytes(Math.max(...of(({ peakBytes }) => peakBytes))),
    whole(of(({ failed }) => failed).reduce((sum, failed) => sum + failed, 0)),
    share(median(of(({ othersShare }) => othersShare))),
  ];
}

function rateRatio(samples: readonly Sample[]): number[] {
  return samples.flatMap(({ perSecond, wrkPerSecond }) =>
    wrkPerSecond === undefined ? [] : [perSecond / wrkPerSecond],
  );
}

function ratiosOf(levels: ReadonlyMap<number, readonly Sample[]>): Record<string, Ratio> {
  return Object.fromEntries(
    [...levels].flatMap(([level, samples]): [string, Ratio][] => {
      const values = rateRatio(samples);
      if (values.length === 0) return [];
      return [[`requests/s ÷ wrk, ${level} connections`, { values, better: 'higher' }]];
    }),
  );
}
