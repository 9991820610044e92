import type { Result } from '../../results/schema/result.ts';
import { formatDuration, formatRate } from '../format/quantities.ts';
import { wrap } from '../format/wrap.ts';
import type { Palette } from '../palette.ts';
import { percentName } from '../percents.ts';
import { REPORT_COLUMNS } from './section.ts';

type ResultStatistics = NonNullable<Result['statistics']>;

/** Below this share of the median over a whole run a drift is of no weight, however sure. */
const LEAST_DRIFT = 0.1;

/** Whether the run came to rest, and how far its figures can be trusted. */
export function statisticsLines(result: Result, palette: Palette): string[] {
  const { statistics } = result;
  if (statistics === undefined) return [];
  return [
    ...styled(backlogWords(statistics), palette.bad),
    ...styled(trendWords(statistics), palette.warn),
    ...styled(intervalWords(statistics), palette.dim),
  ];
}

function styled(words: string, style: (text: string) => string): string[] {
  if (words === '') return [];
  return wrap(words, REPORT_COLUMNS - 2).map((line) => style(`  ${line}`));
}

function backlogWords({ backlog }: ResultStatistics): string {
  if (backlog?.isGrowing !== true) return '';
  const rate = formatRate(backlog.perSecond);
  return `Backlog still growing: +${rate}. The target takes less than the load offers; response_time depends on when one stops.`;
}

function trendWords({ trend, backlog, intervals, seconds }: ResultStatistics): string {
  if (trend?.isSignificant !== true || backlog?.isGrowing === true) return '';
  const median = intervals.find(({ percent }) => percent === 50);
  const isSmall =
    median !== undefined && Math.abs(trend.perSecond) * seconds < LEAST_DRIFT * median.low;
  if (isSmall || trend.perSecond === 0) return '';
  const way = trend.perSecond > 0 ? 'rises' : 'falls';
  const size = formatDuration(Math.abs(trend.perSecond));
  return `Not settled: the median of the seconds ${way} by ${size} a second (Mann–Kendall, 1%).`;
}

/** `95% intervals by …: throughput 478–482/s; response_time p50 2.50 ms–2.70 ms, …` */
function intervalWords({ intervals, method, backlog }: ResultStatistics): string {
  if (method === null || intervals.length === 0) return '';
  const shown = intervals.filter(({ percent }) => percent === null || backlog?.isGrowing !== true);
  const words = shown.map(({ metric, percent, low, high }) => {
    const format = percent === null ? formatRate : formatDuration;
    const name = percent === null ? metric : `${metric} ${percentName(percent)}`;
    return high === null
      ? `${name} above ${format(low)}`
      : `${name} ${format(low)}–${format(high)}`;
  });
  return `95% intervals (${method}): ${words.join(', ')}`;
}
