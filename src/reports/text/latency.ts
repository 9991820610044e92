import type { MetricSource, Tags } from '../../measure/metrics/metric-source.ts';
import type { Result } from '../../results/schema/result.ts';
import { formatCount } from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import { cut } from '../format/width.ts';
import type { Palette } from '../palette.ts';
import { latencyTable, type LatencyRow } from './latency-table.ts';
import { statisticsLines } from './statistics-lines.ts';

/** Steps that get lines of their own; all of them stand in result.json. */
const STEPS_SHOWN = 12;
const LABEL_COLUMNS = 26;

/** What users and the server's own clients waited, and what its drivers saw inside of that. */
export function latencies(result: Result, source: MetricSource, palette: Palette): string[] {
  const steps = source.tagValues('response_time', 'step');
  const several = steps.length > 1;
  const names = ['response_time', 'service_time', 'call_time'];
  const rows = [
    ...names.flatMap((name) => metricRows(source, name, several ? steps : [])),
    ...ownPhases(source).flatMap((name) => metricRows(source, name, [])),
    ...(several ? metricRows(source, 'iteration_response_time', []) : []),
  ];
  return [
    ...latencyTable('Latency', unsettled(rows, result), palette),
    ...moreSteps(steps, palette),
    ...statisticsLines(result, palette),
    ...remarks(result, source).map((line) => palette.dim(`  ${line}`)),
  ];
}

/** Where the backlog grows, a percentile from the intended start says only how long one waited. */
function unsettled(rows: readonly LatencyRow[], result: Result): readonly LatencyRow[] {
  if (result.statistics?.backlog?.isGrowing !== true) return rows;
  let isResponse = false;
  return rows.map((row) => {
    // Rows of single steps are indented below the metric that they are of.
    if (!row.label.startsWith(' ')) isResponse = row.label.endsWith('response_time');
    return isResponse ? { ...row, instead: 'growing' } : row;
  });
}

/** Histograms of times that a driver declared: those that no table here knows by name. */
function ownPhases(source: MetricSource): string[] {
  return [...source.declarations.values()]
    .filter(({ kind, unit }) => kind === 'histogram' && unit === 'ns')
    .filter(({ name, dialect }) => !KNOWN.has(name) && dialect === undefined)
    .map(({ name }) => name);
}

const KNOWN: ReadonlySet<string> = new Set([
  'response_time',
  'service_time',
  'call_time',
  'iteration_response_time',
  'slot_wait',
  'pacer_lag',
  'write_lag',
  'send_lag',
  'turnaround',
  'receive_error',
]);

/** A metric over everything, and below it each step on its own where there are several. */
export function metricRows(
  source: MetricSource,
  metric: string,
  steps: readonly string[],
): LatencyRow[] {
  const row = (label: string, tags: Tags): LatencyRow => ({
    label: cut(printable(label), LABEL_COLUMNS),
    ranked: source.ranked(metric, tags),
  });
  const whole = row(metric, {});
  if (whole.ranked.total === 0) return [];
  const own = steps
    .slice(0, STEPS_SHOWN)
    .filter((step) => source.tagValues(metric, 'step').includes(step))
    .map((step) => row(`  ${step}`, { step }))
    .filter(({ ranked }) => ranked.total > 0);
  return [whole, ...own];
}

function moreSteps(steps: readonly string[], palette: Palette): string[] {
  const more = steps.length - STEPS_SHOWN;
  return more > 0 ? [palette.dim(`  … and ${formatCount(more)} steps more, in result.json`)] : [];
}

function remarks(result: Result, source: MetricSource): string[] {
  const lines: string[] = [];
  if (result.flows.some(({ model }) => model === 'closed')) {
    lines.push('A closed model says nothing about waiting at a fixed arrival rate.');
  }
  if (source.histogram('call_time').count > 0) {
    lines.push('call_time includes the queues of the client; do not compare it with service_time.');
  }
  return lines;
}
