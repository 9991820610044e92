import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import type { RankedValue } from '../../measure/metrics/metric-source.ts';
import { metricValue } from './metric-value.ts';
import { formatCount, formatShare } from './quantities.ts';

/** A percentile in words; where it has no number, why. */
export function rankedWords(value: RankedValue, unit: MetricDeclaration['unit'] = 'ns'): string {
  switch (value.kind) {
    case 'value':
      return metricValue(value.value, unit);
    case 'not-answered':
      return `not answered (${formatShare(value.share)})`;
    case 'too-few':
      return `n/a (needs ${formatCount(value.needs)})`;
  }
}
