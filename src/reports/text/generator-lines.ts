import type { Result } from '../../results/schema/result.ts';
import { formatBytes, formatCountOf, formatDuration, formatShare } from '../format/quantities.ts';
import { labelled } from './section.ts';

type Use = NonNullable<Result['generator']>;

/** Of more workers than this the busiest are shown. */
const WORKERS_SHOWN = 4;

/** How loadgen's threads and process fared: what the verdict looks at beside lags. */
export function generatorLines({ generator, durationSeconds }: Result): string[] {
  if (generator === undefined) return [];
  const busiest = generator.workers.toSorted((a, b) => b.busyShare - a.busyShare);
  const shown = busiest.slice(0, WORKERS_SHOWN).toSorted((a, b) => a.worker - b.worker);
  const more = busiest.length - shown.length;
  return [
    ...shown.flatMap((worker) => labelled(`worker ${worker.worker}`, workerWords(worker))),
    ...(more > 0 ? labelled('', `and ${formatCountOf(more, 'worker')} less busy`) : []),
    ...labelled('process', processWords(generator, durationSeconds)),
  ];
}

function workerWords(worker: Use['workers'][number]): string {
  const { busyShare, spinShare, cpuShare, gcCount, gcNs, gcLongestNs } = worker;
  const pauses =
    gcCount === 0
      ? 'no GC pause'
      : `${formatCountOf(gcCount, 'GC pause')}, ${formatDuration(gcNs)}, ` +
        `longest ${formatDuration(gcLongestNs)}`;
  return [
    `${formatShare(busyShare)} busy`,
    ...(spinShare > 0 ? [`${formatShare(spinShare)} pacing`] : []),
    `${formatShare(cpuShare)} on a core`,
    pauses,
  ].join(' · ');
}

function processWords(use: Use, durationSeconds: number): string {
  const cores = durationSeconds > 0 ? use.processCpuNs / 1e9 / durationSeconds : 0;
  return [
    `${cores.toFixed(2)} cores of CPU`,
    `at most ${formatBytes(use.residentPeakBytes)} and ${formatCountOf(use.openConnectionsPeak, 'connection')}`,
    ...(use.othersShare === undefined ? [] : [`others ${formatShare(use.othersShare)}`]),
    ...(use.stealShare === undefined ? [] : [`steal ${formatShare(use.stealShare)}`]),
  ].join(' · ');
}
