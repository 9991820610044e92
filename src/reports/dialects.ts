import type { MetricDialect } from '../measure/metrics/metric.ts';
import type { HistogramView, MetricSource } from '../measure/metrics/metric-source.ts';
import { ratePerSecond, throughputPerSecond } from '../measure/metrics/throughput.ts';

/** What another tool would have measured. */
export interface ReportedDialect {
  readonly title: string;
  readonly figures: readonly {
    readonly word: string;
    readonly formula: string;
    readonly values: HistogramView;
  }[];
}

/** The metrics of other tools that have values, tool by tool, in declared order. */
export function reportedDialects(source: MetricSource): readonly ReportedDialect[] {
  const measured = [...source.declarations.values()].flatMap(({ name, dialect }) => {
    const values = source.histogram(name, { outcome: 'ok' });
    return dialect === undefined || values.count === 0 ? [] : [{ dialect, values }];
  });
  const titles = [...new Set(measured.map(({ dialect }) => dialect.title))];
  return titles.map((title) => ({
    title,
    figures: measured.filter(({ dialect }) => dialect.title === title).map(figure),
  }));
}

function figure({
  dialect: { word, formula },
  values,
}: {
  readonly dialect: MetricDialect;
  readonly values: HistogramView;
}): ReportedDialect['figures'][number] {
  return { word, formula, values };
}

/**
 * What the tools call throughput: completed requests, output tokens and all tokens by the time. They
 * differ in its ends only (docs/dialects.md); here it is the measured time.
 */
export interface DialectThroughput {
  readonly requestsPerSecond: number;
  readonly outputTokensPerSecond: number;
  readonly totalTokensPerSecond: number;
}

export function dialectThroughput(source: MetricSource): DialectThroughput {
  const output = ratePerSecond(source, 'output_tokens');
  return {
    requestsPerSecond: throughputPerSecond(source),
    outputTokensPerSecond: output,
    totalTokensPerSecond: output + ratePerSecond(source, 'input_tokens'),
  };
}
