import type { RankedValue } from '../../measure/metrics/metric-source.ts';
import { formatDuration, formatRate, formatShare } from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import { alignedTable, type Cell } from '../format/table.ts';
import { cut } from '../format/width.ts';
import { measuredSource } from '../measured-source.ts';
import type { Palette } from '../palette.ts';
import type { ReportedTrial } from '../report.ts';

const AXES_COLUMNS = 40;

/** A line a trial, to compare the points of a sweep. */
export function overview(trials: readonly ReportedTrial[], palette: Palette): string[] {
  const heading = ['Trials', 'throughput', 'response p50', 'p99', 'errors', 'exit'];
  return alignedTable([
    heading.map((text, column) => ({ text, style: column === 0 ? palette.strong : palette.dim })),
    ...trials.map((trial) => trialCells(trial, palette)),
  ]);
}

function trialCells({ result }: ReportedTrial, palette: Palette): Cell[] {
  const source = measuredSource(result);
  const response = source.ranked('response_time');
  const { part, whole } = source.share('error_rate');
  const failed = result.exitCode !== 0 || result.state !== 'complete';
  const axes = Object.entries(result.axes).map(([axis, value]) => `${axis}=${String(value)}`);
  const name = cut(printable(`  ${result.trial}  ${axes.join(' ')}`), AXES_COLUMNS);
  return [
    { text: name },
    { text: formatRate(result.throughput.operationsPerSecond) },
    { text: brief(response.percentile(50)) },
    { text: brief(response.percentile(99)) },
    { text: whole === 0 ? 'n/a' : formatShare(part / whole) },
    {
      text: result.state === 'complete' ? String(result.exitCode ?? '') : result.state,
      style: failed ? palette.bad : palette.good,
    },
  ];
}

function brief(value: RankedValue): string {
  if (value.kind === 'value') return formatDuration(value.value);
  return value.kind === 'too-few' ? 'n/a' : `✗ ${formatShare(value.share)}`;
}
