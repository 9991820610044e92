import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import type { RankedLatency, RankedValue } from '../../measure/metrics/metric-source.ts';
import { metricValue } from '../format/metric-value.ts';
import { formatCount, formatShare } from '../format/quantities.ts';
import { rankedWords } from '../format/ranked-words.ts';
import { alignedTable, tableWidth, type Cell } from '../format/table.ts';
import type { Palette } from '../palette.ts';
import { percentName, PERCENTS_SHOWN } from '../percents.ts';
import { REPORT_COLUMNS } from './section.ts';

export interface LatencyRow {
  readonly label: string;
  readonly ranked: RankedLatency;
  /** Of the metric; ns unless said otherwise. */
  readonly unit?: MetricDeclaration['unit'];
  /** Stands in place of every percentile, where none would mean anything. */
  readonly instead?: string;
}

/**
 * A table of percentiles under a title. What cannot be given as a number is said in its cell; where
 * that would be too wide, the cells are shortened and a line below says it.
 */
export function latencyTable(
  title: string,
  rows: readonly LatencyRow[],
  palette: Palette,
): string[] {
  const detailed = tableCells(title, rows, palette, rankedWords);
  if (tableWidth(detailed) <= REPORT_COLUMNS) return alignedTable(detailed);
  const short = tableCells(title, rows, palette, inShort);
  return [...alignedTable(short), ...legend(rows, palette)];
}

type Words = (value: RankedValue, unit: MetricDeclaration['unit']) => string;

function tableCells(
  title: string,
  rows: readonly LatencyRow[],
  palette: Palette,
  words: Words,
): Cell[][] {
  // A request that was never answered has no time, and so no place in the maximum.
  const allAnswered = rows.every(({ ranked }) => ranked.neverAnswered === 0);
  const names = [...PERCENTS_SHOWN.map(percentName), allAnswered ? 'max' : 'max ok'];
  const heading = [
    { text: title, style: palette.strong },
    ...names.map((text) => ({ text, style: palette.dim })),
  ];
  return [heading, ...rows.map((row) => rowCells(row, palette, words))];
}

function rowCells(row: LatencyRow, palette: Palette, words: Words): Cell[] {
  const { label, ranked, instead, unit = 'ns' } = row;
  const values = PERCENTS_SHOWN.map((percent) => ranked.percentile(percent));
  const { answered } = ranked;
  return [
    { text: `  ${label}` },
    ...values.map((value) =>
      instead === undefined
        ? { text: words(value, unit), ...styleOf(value, palette) }
        : { text: instead, style: palette.bad },
    ),
    { text: answered.count === 0 ? 'n/a' : metricValue(answered.max, unit) },
  ];
}

function styleOf(value: RankedValue, palette: Palette): Pick<Cell, 'style'> {
  if (value.kind === 'value') return {};
  return { style: value.kind === 'too-few' ? palette.dim : palette.bad };
}

function inShort(value: RankedValue, unit: MetricDeclaration['unit']): string {
  if (value.kind === 'too-few') return 'n/a';
  return value.kind === 'not-answered' ? `✗ ${formatShare(value.share)}` : rankedWords(value, unit);
}

function legend(rows: readonly LatencyRow[], palette: Palette): string[] {
  const lines: string[] = [];
  const needs = PERCENTS_SHOWN.flatMap((percent) => {
    const value = rows.map(({ ranked }) => ranked.percentile(percent)).find(isTooFew);
    return value === undefined ? [] : [`${percentName(percent)} ${formatCount(value.needs)}`];
  });
  if (needs.length > 0) lines.push(`  n/a: too few samples; it needs ${needs.join(', ')}`);
  const unanswered = rows.some(({ ranked }) =>
    PERCENTS_SHOWN.some((percent) => ranked.percentile(percent).kind === 'not-answered'),
  );
  if (unanswered) lines.push('  ✗ 2%: not answered; that share failed or was never sent');
  return lines.map(palette.dim);
}

function isTooFew(value: RankedValue): value is Extract<RankedValue, { kind: 'too-few' }> {
  return value.kind === 'too-few';
}
