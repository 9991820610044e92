/**
 * Memory from one VU to 90% of the descriptor limit: each has its connection and waits for an
 * answer. Resident memory is read once all connections are there, so that what opening them took
 * and gave back is not counted; the median of several readings.
 */
import { runLoadgen } from '../loadgen.ts';
import { disturbance } from '../machine/pinned.ts';
import { descriptorLimit, openDescriptors, residentBytes } from '../machine/resident.ts';
import { mebibytes, whole } from '../report/figures.ts';
import type { CaseReport } from '../report/report.ts';
import { startReference } from '../servers/reference.ts';
import { median } from '../statistics.ts';
import type { BenchCase, BenchSettings } from './bench-case.ts';

const SHARE_OF_LIMIT = 0.9;
const LEVELS = [1, 16, 256, 1024, 4096];
const BYTES_PER_VU_LIMIT = 20 * 1024;
/** Longer than any run here. */
const SERVICE_TIME = '300s';

export const memory: BenchCase = {
  name: 'memory',
  question: 'resident memory from one idle VU to 90% of the descriptor limit',
  repetitions: 1,
  seconds: 10,
  run: measure,
};

interface Level {
  readonly vus: number;
  readonly residentBytes: number;
  readonly peakBytes: number;
  readonly othersShare: number;
}

async function measure({ repetitions, seconds, say }: BenchSettings): Promise<CaseReport> {
  const most = Math.floor(descriptorLimit() * SHARE_OF_LIMIT);
  const counts = [...LEVELS.filter((level) => level < most), most];
  const perVuBytes: number[] = [];
  const others: number[] = [];
  const tables = [];
  for (let repetition = 1; repetition <= repetitions; repetition++) {
    const levels: Level[] = [];
    for (const vus of counts) {
      levels.push(await runLevel(vus, seconds));
      say(`${repetition}: ${whole(vus)} VUs, ${mebibytes(levels.at(-1)!.residentBytes)}`);
    }
    others.push(...levels.map(({ othersShare }) => othersShare));
    perVuBytes.push(bytesPerVu(levels.at(-1)!, levels[0]!));
    tables.push({
      title: `Idle VUs over HTTP/1.1, repetition ${repetition}`,
      head: ['VUs', 'resident', 'peak', 'KiB per VU beyond the first'],
      rows: levels.map((level, index) => [
        whole(level.vus),
        mebibytes(level.residentBytes),
        mebibytes(level.peakBytes),
        index === 0 ? '' : (bytesPerVu(level, levels[0]!) / 1024).toFixed(1),
      ]),
    });
  }
  const bytes = median(perVuBytes);
  const kiB = (bytes / 1024).toFixed(1);
  return {
    tables,
    ratios: { 'bytes per idle VU': { values: perVuBytes, better: 'lower' } },
    gates: [
      {
        text: `20 KiB per idle VU: ${kiB} KiB at ${whole(most)}`,
        holds: bytes <= BYTES_PER_VU_LIMIT,
      },
    ],
    notes: [`the descriptor limit is ${whole(descriptorLimit())}.`],
    othersShare: median(others),
    versions: {},
  };
}

async function runLevel(vus: number, seconds: number): Promise<Level> {
  const server = await startReference([`--service-time=${SERVICE_TIME}`]);
  try {
    const readings: number[] = [];
    const settings = [`params.connections=${vus}`, `load.duration=${seconds}s`];
    const { cost } = await runLoadgen('idle', server.url, {
      settings,
      watch(pid) {
        const bytes = residentBytes(pid);
        if (bytes !== undefined && openDescriptors(pid) >= vus + OWN_DESCRIPTORS)
          readings.push(bytes);
      },
    });
    if (readings.length < FEWEST_READINGS) {
      throw new Error(`${vus} VUs were never all connected: ${readings.length} readings`);
    }
    // The first second belongs to the first requests, the last to the end of the run.
    return {
      vus,
      residentBytes: median(readings.slice(4, -4)),
      peakBytes: cost.peakBytes,
      othersShare: disturbance(cost),
    };
  } finally {
    await server.stop();
  }
}

/** Standard streams, event loops, threads and files of the process itself: some 20. */
const OWN_DESCRIPTORS = 15;
const FEWEST_READINGS = 12;

function bytesPerVu(level: Level, first: Level): number {
  return (level.residentBytes - first.residentBytes) / (level.vus - first.vus);
}
