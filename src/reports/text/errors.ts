import { FAILED_OUTCOMES } from '../../measure/metrics/outcome.ts';
import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { Result } from '../../results/schema/result.ts';
import { formatCount, formatShare } from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import { alignedTable } from '../format/table.ts';
import { cut } from '../format/width.ts';
import type { Palette } from '../palette.ts';
import { REPORT_COLUMNS } from './section.ts';

const REASONS_SHOWN = 8;

/** Failed operations by outcome, and the reasons that were seen most. */
export function errors(result: Result, source: MetricSource, palette: Palette): string[] {
  const { operations, attempted } = result.accounts.measure;
  const shown = [...FAILED_OUTCOMES, 'interrupted', 'cancelled'];
  const counts = shown
    .map((outcome) => ({ outcome, count: operations[outcome] ?? 0 }))
    .filter(({ count }) => count > 0);
  if (counts.length === 0) return [];
  const rows = counts.map(({ outcome, count }) => [
    { text: `  ${outcome}`, style: palette.bad },
    { text: formatCount(count) },
    { text: formatShare(count / attempted) },
    { text: stepsOf(source, outcome) },
  ]);
  return [palette.strong('Errors'), ...alignedTable(rows), ...reasons(result, palette)];
}

/** Which steps they came from, where there is more than one. */
function stepsOf(source: MetricSource, outcome: string): string {
  const steps = source.tagValues('operations', 'step');
  if (steps.length < 2) return '';
  return steps
    .map((step) => ({ step, count: source.counter('operations', { step, outcome }) }))
    .filter(({ count }) => count > 0)
    .map(({ step, count }) => `${cut(printable(step), 20)} ${formatCount(count)}`)
    .slice(0, 3)
    .join(', ');
}

function reasons(result: Result, palette: Palette): string[] {
  const sorted = [...result.failureReasons].sort((one, other) => other.count - one.count);
  const lines = sorted.slice(0, REASONS_SHOWN).map(({ target, reason, count }) => {
    const where = result.targets.length > 1 ? `${target}: ` : '';
    return cut(`  ${formatCount(count)} × ${printable(where + reason)}`, REPORT_COLUMNS);
  });
  const more = sorted.length - REASONS_SHOWN;
  if (more > 0) lines.push(`  … and ${formatCount(more)} reasons more, in result.json`);
  return lines.map(palette.dim);
}
