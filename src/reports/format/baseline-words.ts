import type { BaselineComparison, BaselineFigure } from '../../results/schema/baseline.ts';
import { percentName } from '../percents.ts';
import { formatDuration, formatRate } from './quantities.ts';

export type BaselinePoint = BaselineComparison['points'][number];

/** `response_time p99`, `throughput` */
export function figureName({ metric, percent }: BaselineFigure): string {
  return percent === null ? metric : `${metric} ${percentName(percent)}`;
}

/** `132% of 2.59 ms (95%: 128–137%), at most 110%`, or why it is not decided. */
export function figureWords(figure: BaselineFigure): string {
  const { ratio, low, high, baseline, reason, percent, limit } = figure;
  const allowed = `${percent === null ? 'at least' : 'at most'} ${inPercent(limit)}`;
  if (ratio === null || low === null || baseline === null) return `${reason ?? ''}; ${allowed}`;
  const before = percent === null ? formatRate(baseline) : formatDuration(baseline);
  const range = high === null ? `above ${inPercent(low)}` : `${bare(low)}–${inPercent(high)}`;
  const why = reason === null ? '' : `; ${reason}`;
  return `${inPercent(ratio)} of ${before} (95%: ${range}), ${allowed}${why}`;
}

/** `level=high`, or nothing where there is one point only. */
export function pointName({ axes }: BaselinePoint): string {
  return Object.entries(axes)
    .map(([axis, value]) => `${axis}=${String(value)}`)
    .join(' ');
}

/** Why the comparison fails the run; empty where it does not. */
export function baselineReasons({ status, points, baseline }: BaselineComparison): string[] {
  if (status === 'held') return [];
  const all = points.flatMap((point) => {
    const name = pointName(point);
    const where = name === '' ? '' : ` [${name}]`;
    return point.figures.map((figure) => ({ figure, where }));
  });
  if (status === 'undecided') {
    const reason = all[0]?.figure.reason ?? 'no trials';
    return [`no figure could be compared with the baseline ${baseline.folder}: ${reason}`];
  }
  return all
    .filter(({ figure }) => figure.status === 'regressed')
    .map(({ figure, where }) => {
      return `regression against the baseline: ${figureName(figure)}${where} is ${figureWords(figure)}`;
    });
}

function inPercent(ratio: number): string {
  return `${bare(ratio)}%`;
}

/** Three digits are more than an interval is worth. */
function bare(ratio: number): string {
  const percent = ratio * 100;
  return percent >= 99.95 ? percent.toFixed(0) : percent.toPrecision(3).replace(/\.0+$/, '');
}
