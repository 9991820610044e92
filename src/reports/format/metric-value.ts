import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
  threeDigits,
} from './quantities.ts';

/** A value of a metric with its unit: `8.21 ms`, `1,024`, `64.0 KiB`, `12.5%`. */
export function metricValue(value: number, unit: MetricDeclaration['unit']): string {
  switch (unit) {
    case 'ns':
      return formatDuration(value);
    case 'bytes':
      return formatBytes(value);
    case 'ratio':
      return formatShare(value);
    case 'count':
      return Number.isInteger(value) ? formatCount(value) : threeDigits(value);
  }
}

/** The same per second: `401.1/s`, `1.20 MiB/s`. */
export function metricRate(perSecond: number, unit: MetricDeclaration['unit']): string {
  return unit === 'count' ? formatRate(perSecond) : `${metricValue(perSecond, unit)}/s`;
}
