import type { HistogramView, MetricSource } from '../../measure/metrics/metric-source.ts';
import { dialectThroughput, reportedDialects, type ReportedDialect } from '../dialects.ts';
import { formatDuration, formatRate } from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import { alignedTable, type Cell } from '../format/table.ts';
import type { Palette } from '../palette.ts';

/** The same answers by the definitions of other tools, as those print them: without our floors. */
export function dialectsSection(source: MetricSource, palette: Palette): string[] {
  const dialects = reportedDialects(source);
  if (dialects.length === 0) return [];
  const heading = ['By the definitions of other tools', 'mean', 'p50', 'p90', 'p99'];
  const rows: Cell[][] = [
    heading.map((text, column) => ({ text, style: column === 0 ? palette.strong : palette.dim })),
    ...dialects.flatMap((dialect) => dialectRows(dialect, palette)),
  ];
  const { requestsPerSecond, outputTokensPerSecond, totalTokensPerSecond } =
    dialectThroughput(source);
  const throughput = [
    `${formatRate(requestsPerSecond)} requests`,
    `${formatRate(outputTokensPerSecond)} output tokens`,
    `${formatRate(totalTokensPerSecond)} tokens in all`,
  ];
  return [
    ...alignedTable(rows),
    `  throughput of all: ${throughput.join(', ')}`,
    palette.dim('  Each formula stands in docs/dialects.md, and in result.json beside its metric.'),
  ];
}

function dialectRows({ title, figures }: ReportedDialect, palette: Palette): Cell[][] {
  return [
    [{ text: `  ${printable(title)}`, style: palette.dim }],
    ...figures.map(({ word, values }) => [
      { text: `    ${printable(word)}` },
      ...shown(values).map((value) => ({ text: formatDuration(value) })),
    ]),
  ];
}

function shown(values: HistogramView): readonly number[] {
  return [values.mean, ...[50, 90, 99].map((percent) => values.percentile(percent))];
}
