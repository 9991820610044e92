import type { ResultThreshold } from '../../results/schema/result.ts';
import { metricRate, metricValue } from './metric-value.ts';
import { formatCount, formatCountOf } from './quantities.ts';

/** What was measured, or why there is no value: `8.21 ms`, `needs 662 samples, has 300`. */
export function observedWords(threshold: ResultThreshold): string {
  const { observed, reason, thin } = threshold;
  const value = observed === null ? '' : valueWords(observed);
  const few = thin ? 'from few samples, as allowThin permits' : '';
  const parts = [value, reason ?? '', few, windowWords(threshold)];
  return parts.filter((part) => part !== '').join('; ');
}

/** `worst of 51 windows of 10 s: 12–22 s; 3 did not pass` */
function windowWords({ window }: ResultThreshold): string {
  if (!window?.worst) return '';
  const { seconds, judged, notPassed, worst } = window;
  const which = `${worst.fromSecond}–${worst.toSecond} s`;
  const where = `worst of ${formatCountOf(judged, 'window')} of ${seconds} s: ${which}`;
  return notPassed === 0 ? where : `${where}; ${formatCount(notPassed)} did not pass`;
}

/** `failed: error_rate == 0%: 2.2%` */
export function notPassedWords(threshold: ResultThreshold): string {
  return `${threshold.status}: ${thresholdName(threshold)}: ${observedWords(threshold)}`;
}

/** `tag:*` makes several of one threshold: which one this is. */
export function thresholdName({ text, tags }: ResultThreshold): string {
  const pairs = Object.entries(tags).map(([tag, value]) => `${tag}:${value}`);
  return pairs.length === 0 ? text : `${text}  [${pairs.join(', ')}]`;
}

function valueWords({ value, unit, perSecond }: NonNullable<ResultThreshold['observed']>): string {
  return perSecond ? metricRate(value, unit) : metricValue(value, unit);
}
