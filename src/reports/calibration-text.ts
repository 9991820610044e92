import type { Calibration } from '../results/schema/calibration.ts';
import { formatCount, formatDuration, formatRate } from './format/quantities.ts';
import { printable } from './format/printable.ts';
import { alignedTable } from './format/table.ts';
import type { Palette } from './palette.ts';
import { labelled } from './text/section.ts';

export interface CalibrationTextOptions {
  /** Where it is kept. */
  readonly file: string;
  readonly palette: Palette;
}

/** What one worker can send, for people. */
export function calibrationText(
  calibration: Calibration,
  { file, palette }: CalibrationTextOptions,
): string {
  const { key, scenario, servers, changes, pacing } = calibration;
  const title = `What one worker can send of ${scenario}`;
  const lines = [
    palette.strong(printable(title)),
    '',
    ...labelled('driver', `${key.driver}, against ${servers.join(', ')} on this machine`),
    ...labelled(
      'machine',
      printable(`${key.machine.cpu}, ${key.machine.cores} cores, Node ${key.node}`),
    ),
    ...changes.flatMap((change) => labelled('changed', printable(change))),
    '',
    ...levels(calibration, palette),
    '',
    ...labelled('ceiling', ceiling(calibration)),
    ...labelled(
      'pacing',
      `sent after intended at ${formatRate(pacing.ratePerSecond)}, ${pacing.arrival} arrivals: ` +
        `p50 ${formatDuration(pacing.p50Ns)}, p99 ${formatDuration(pacing.p99Ns)}, ` +
        `max ${formatDuration(pacing.maxNs)} (${formatCount(pacing.due)} due)`,
    ),
    ...labelled('kept in', printable(file)),
  ];
  return `${lines.join('\n')}\n`;
}

function ceiling(calibration: Calibration): string {
  const { operationsPerSecond, cpuNsPerOperation, highestInFlight, limitedBy } = calibration;
  return (
    `${formatRate(operationsPerSecond)} operations, ${formatDuration(cpuNsPerOperation)} of CPU ` +
    `each, up to ${formatCount(highestInFlight)} in flight${BOUNDS[limitedBy]}`
  );
}

const BOUNDS: Readonly<Record<Calibration['limitedBy'], string>> = {
  loadgen: '',
  server: '; at least, since the null server had no core left before loadgen had none',
  machine:
    '; at least, since neither loadgen nor the null server had a core to itself: repeat it when ' +
    'nothing else runs here',
};

function levels({ levels: all }: Calibration, palette: Palette): string[] {
  const head = ['Closed loop', 'operations', 'CPU each', 'loadgen', 'null server'];
  return alignedTable([
    head.map((text, index) => ({ text, style: index === 0 ? palette.strong : palette.dim })),
    ...all.map(({ inFlight, operationsPerSecond, cpuNsPerOperation, cpuShare, serverCpuShare }) => [
      { text: `  ${formatCount(inFlight)} in flight` },
      { text: formatRate(operationsPerSecond) },
      { text: formatDuration(cpuNsPerOperation) },
      { text: coreWords(cpuShare) },
      { text: serverCpuShare === null ? 'n/a' : coreWords(serverCpuShare) },
    ]),
  ]);
}

/** Threads of one process can have more than one core. */
function coreWords(share: number): string {
  return `${(share * 100).toFixed(0)}% of a core`;
}
