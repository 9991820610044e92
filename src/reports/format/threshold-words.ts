import type { ResultThreshold } from '../../results/schema/result.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
  threeDigits,
} from './quantities.ts';

/** What was measured, or why there is no value: `8.21 ms`, `needs 662 samples, has 300`. */
export function observedWords({ observed, reason, thin }: ResultThreshold): string {
  const value = observed === null ? '' : valueWords(observed);
  const parts = [value, reason ?? '', thin ? 'from few samples, as allowThin permits' : ''];
  return parts.filter((part) => part !== '').join('; ');
}

/** `tag:*` makes several of one threshold: which one this is. */
export function thresholdName({ text, tags }: ResultThreshold): string {
  const pairs = Object.entries(tags).map(([tag, value]) => `${tag}:${value}`);
  return pairs.length === 0 ? text : `${text}  [${pairs.join(', ')}]`;
}

function valueWords({ value, unit, perSecond }: NonNullable<ResultThreshold['observed']>): string {
  if (unit === 'count') {
    if (perSecond) return formatRate(value);
    return Number.isInteger(value) ? formatCount(value) : threeDigits(value);
  }
  const text = { ns: formatDuration, bytes: formatBytes, ratio: formatShare }[unit](value);
  return perSecond ? `${text}/s` : text;
}
