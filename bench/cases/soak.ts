/** Twenty minutes at full rate: whether memory grows, and whether every second was recorded. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedOperations, runLoadgen } from '../loadgen.ts';
import { disturbance } from '../machine/pinned.ts';
import { residentBytes } from '../machine/resident.ts';
import { mebibytes, whole } from '../report/figures.ts';
import type { CaseReport, Gate } from '../report/report.ts';
import { startNginx } from '../servers/nginx.ts';
import { regression } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const SECONDS = 1_200;
/** Of the samples: the first quarter is the compiler's and the heap's to settle in. */
const JUDGED_FROM = 0.25;
const SLOPE_PER_MINUTE = 0.002;

export const soak: BenchCase = {
  name: 'soak',
  question: 'memory and intervals of 20 minutes at full rate',
  repetitions: 1,
  seconds: SECONDS,
  run: measure,
};

async function measure({ seconds }: BenchSettings): Promise<CaseReport> {
  const server = await startNginx();
  try {
    const samples: [seconds: number, bytes: number][] = [];
    const settings = [`load.duration=${seconds}s`];
    const watch = (pid: number): void => {
      const bytes = residentBytes(pid);
      if (bytes !== undefined) samples.push([performance.now() / 1000, bytes]);
    };
    const run = await runLoadgen('get', server.url, { settings, watch });
    const { perMinute, firstBytes, lastBytes } = growth(samples);
    const { complete, counted } = intervalsOf(join(run.folder, 'intervals.ndjson'), seconds);
    const { attempted } = run.result.accounts.measure;
    const gates: Gate[] = [
      { text: `an interval for each of ${whole(seconds)} seconds`, holds: complete },
      {
        text: `intervals hold ${whole(counted)} of ${whole(attempted)} operations`,
        holds: counted === attempted,
      },
      // A short run is still settling in over all of its time: its slope is shown and not judged.
      ...(seconds >= SECONDS
        ? [
            {
              text: `memory grows by less than 0.2% a minute: ${percent(perMinute)}`,
              holds: perMinute < SLOPE_PER_MINUTE,
            },
          ]
        : []),
    ];
    return {
      tables: [
        {
          title: `${whole(seconds)} s, closed loop, 64 connections`,
          head: [
            'requests/s',
            'operations',
            'failed',
            'resident, first',
            'last',
            'growth a minute',
          ],
          rows: [
            [
              whole(run.result.throughput.operationsPerSecond),
              whole(attempted),
              whole(failedOperations(run.result)),
              mebibytes(firstBytes),
              mebibytes(lastBytes),
              percent(perMinute),
            ],
          ],
        },
      ],
      ratios: {},
      gates,
      notes: ['growth is the line of least squares through resident memory over the last 3/4.'],
      othersShare: disturbance(run.cost),
      versions: { nginx: server.version },
    };
  } finally {
    await server.stop();
  }
}

export interface Growth {
  /** Of the memory at the start of what is judged. */
  readonly perMinute: number;
  readonly firstBytes: number;
  readonly lastBytes: number;
}

/** Growth of memory over the last three quarters of the time, on the line of least squares. */
export function growth(samples: readonly (readonly [seconds: number, bytes: number])[]): Growth {
  const [start, end] = [samples[0]![0], samples.at(-1)![0]];
  const from = start + (end - start) * JUDGED_FROM;
  const line = regression(samples.filter(([seconds]) => seconds >= from));
  const at = (seconds: number): number => line.intercept + line.slope * seconds;
  return { perMinute: (line.slope * 60) / at(from), firstBytes: at(from), lastBytes: at(end) };
}

interface Intervals {
  /** Whether every second of the measured phase is in one row. */
  readonly complete: boolean;
  readonly counted: number;
}

interface Row {
  readonly phase: string;
  readonly second: number;
  readonly seconds: number;
  readonly operations: Readonly<Record<string, number>>;
}

function intervalsOf(file: string, seconds: number): Intervals {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return judgeIntervals(
    lines.map((line) => JSON.parse(line) as Row),
    seconds,
  );
}

/** Whether rows follow each other without a gap for so many seconds, and what they count. */
export function judgeIntervals(rows: readonly Row[], seconds: number): Intervals {
  let next = 0;
  let counted = 0;
  let gaps = 0;
  for (const row of rows) {
    if (row.phase !== 'measure') continue;
    if (row.second !== next) gaps++;
    next = row.second + row.seconds;
    counted += Object.values(row.operations).reduce((sum, count) => sum + count, 0);
  }
  return { complete: gaps === 0 && next >= seconds, counted };
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(3)}%`;
}
