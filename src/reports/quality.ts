import type { MetricDeclaration } from '../measure/metrics/metric.ts';
import type { HistogramView, MetricSource, Tags } from '../measure/metrics/metric-source.ts';
import { sampleFloor } from '../measure/metrics/percentile-floors.ts';
import type { Result } from '../results/schema/result.ts';
import { formatCount, formatShare } from './format/quantities.ts';
import { ownHistograms } from './own-metrics.ts';

/** Digits that a recall of 0.9995 still shows. */
const DIGITS = 4;
const WORST_SHOWN = 5;

/** One score over everything, or of one step. */
export interface QualityRow {
  readonly label: string;
  readonly mean: string;
  readonly median: string;
  /** The percentile at the bad end: the 5th where more is better, else the 95th. */
  readonly badPercentile: string;
  readonly worst: string;
  readonly scored: string;
}

/** Scores and other ratios of single operations. */
export function qualityRows(source: MetricSource): readonly QualityRow[] {
  return ownHistograms(source)
    .filter(({ unit }) => unit === 'ratio')
    .flatMap((declared) => {
      const steps = source.tagValues(declared.name, 'step');
      const own = steps.length > 1 ? steps : [];
      return [
        rowOf(source, declared, declared.name, {}),
        ...own.map((step) => rowOf(source, declared, `  ${step}`, { step })),
      ].filter((row) => row !== undefined);
    });
}

function rowOf(
  source: MetricSource,
  { name, better }: MetricDeclaration,
  label: string,
  tags: Tags,
): QualityRow | undefined {
  const view = source.histogram(name, tags);
  if (view.count === 0) return undefined;
  const isHigh = better === 'higher';
  return {
    label,
    mean: view.mean.toFixed(DIGITS),
    median: percentileWords(view, 50),
    badPercentile: `${isHigh ? 'p5' : 'p95'} ${percentileWords(view, isHigh ? 5 : 95)}`,
    worst: `${isHigh ? 'min' : 'max'} ${(isHigh ? view.min : view.max).toFixed(DIGITS)}`,
    scored: formatCount(view.count),
  };
}

function percentileWords(view: HistogramView, percent: number): string {
  // The low end needs as many samples as the high one that mirrors it.
  const needs = sampleFloor(Math.max(percent, 100 - percent));
  return view.count < needs
    ? `n/a (needs ${formatCount(needs)})`
    : view.percentile(percent).toFixed(DIGITS);
}

/** `recall@10: iteration 17 0.3000, …`; and what of the answers was not scored. */
export function qualityRemarks(result: Result, source: MetricSource): readonly string[] {
  const { worstAnswers = [] } = result;
  // Where all are as good as each other none is the worst.
  const differing = worstAnswers.filter(({ metric, tags }) => {
    const { min, max } = source.histogram(metric, tags);
    return min < max;
  });
  const lines = differing.map(({ metric, tags, answers }) => {
    const shown = answers
      .slice(0, WORST_SHOWN)
      .map(({ iteration, value }) => `iteration ${iteration} ${value.toFixed(DIGITS)}`);
    return `worst ${metric} of ${tags['step'] ?? ''}: ${shown.join(', ')}`;
  });
  const unscored = source.declarations.has('unscored') ? source.counter('unscored') : 0;
  if (unscored === 0) return lines;
  const reasons = source
    .tagValues('unscored', 'reason')
    .map((reason) => [reason, source.counter('unscored', { reason })] as const)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${formatCount(count)} ${reason.replaceAll('_', ' ')}`);
  const { part, whole } = source.share('unscored');
  const share = whole === 0 ? '' : ` (${formatShare(part / whole)} of attempted)`;
  return [...lines, `${formatCount(unscored)} answers not scored${share}: ${reasons.join(', ')}`];
}
