import type { RankedValue } from '../../measure/metrics/metric-source.ts';
import { formatCount, formatDuration, formatShare } from './quantities.ts';

/** A percentile in words; where it has no number, why. */
export function rankedWords(value: RankedValue): string {
  switch (value.kind) {
    case 'value':
      return formatDuration(value.value);
    case 'not-answered':
      return `not answered (${formatShare(value.share)})`;
    case 'too-few':
      return `n/a (needs ${formatCount(value.needs)})`;
  }
}
