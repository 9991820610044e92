import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { Result } from '../../results/schema/result.ts';
import { printable } from '../format/printable.ts';
import { alignedTable } from '../format/table.ts';
import { cut } from '../format/width.ts';
import type { Palette } from '../palette.ts';
import { qualityRemarks, qualityRows } from '../quality.ts';
import { REPORT_COLUMNS } from './section.ts';

const LABEL_COLUMNS = 26;

/** How good the answers were, where they were scored. */
export function quality(result: Result, source: MetricSource, palette: Palette): string[] {
  const rows = qualityRows(source);
  if (rows.length === 0) return qualityRemarks(result, source).map((line) => `  ${line}`);
  const heading = ['Quality', 'mean', 'p50', 'bad end', 'worst', 'scored'];
  const table = [
    heading.map((text, at) => ({ text, style: at === 0 ? palette.strong : palette.dim })),
    ...rows.map(({ label, mean, median, badPercentile, worst, scored }) => [
      { text: `  ${cut(printable(label), LABEL_COLUMNS)}` },
      ...[mean, median, badPercentile, worst, scored].map((text) => ({ text })),
    ]),
  ];
  const remarks = qualityRemarks(result, source);
  return [
    ...alignedTable(table),
    ...remarks.map((line) => palette.dim(cut(`  ${printable(line)}`, REPORT_COLUMNS))),
  ];
}
