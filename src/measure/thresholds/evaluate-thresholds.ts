import type { MetricDeclaration } from '../metrics/metric.ts';
import type { MetricSource, Tags } from '../metrics/metric-source.ts';
import { matches, OTHER_VALUE } from '../metrics/series-key.ts';
import { observe, type Observation } from './observe.ts';
import { appliesTo, seriesTagsOf, type Axes } from './swept-axes.ts';
import type { Operator, ThresholdSpec } from './threshold-spec.ts';

export interface ThresholdResult {
  readonly text: string;
  /** `undecided` counts as failed: what was not shown was not met. */
  readonly status: 'passed' | 'failed' | 'undecided';
  /** What was measured, in its own unit; undefined where there is no such value. */
  readonly observed: ObservedValue | undefined;
  /** Why there is no value: `not answered (2.0%)`, `needs 662 samples, has 200`, `no data`. */
  readonly reason: string | undefined;
  /** Of the series that was judged, where `tag:*` makes several of one threshold. */
  readonly tags: Tags;
  /** Judged on fewer samples than its percentile needs. */
  readonly thin: boolean;
  /** Of one that is judged in windows: then the rest stands for the worst of them. */
  readonly window?: WindowFinding;
}

export interface WindowFinding {
  readonly seconds: number;
  /** Full windows that there were. */
  readonly judged: number;
  readonly notPassed: number;
  /** Seconds since T0 between which the worst window lies; null where there was none. */
  readonly worst: { readonly fromSecond: number; readonly toSecond: number } | null;
}

export interface ObservedValue {
  readonly value: number;
  readonly unit: MetricDeclaration['unit'];
  readonly perSecond: boolean;
}

/**
 * Judges thresholds against what was recorded. One whose swept axes are not those of this trial
 * has no result here; one with `tag:*` has one for each series.
 */
export function evaluateThresholds(
  specs: readonly ThresholdSpec[],
  source: MetricSource,
  { axes = {} }: { readonly axes?: Axes } = {},
): ThresholdResult[] {
  return specs
    .filter((spec) => appliesTo(spec, axes))
    .flatMap((spec) => judgeThreshold(spec, source, axes));
}

/** The same for one threshold that applies to this trial. */
export function judgeThreshold(
  spec: ThresholdSpec,
  source: MetricSource,
  axes: Axes,
): ThresholdResult[] {
  const tags = seriesTagsOf(spec, axes);
  const results = selections(source, spec.metric, tags).map((each) =>
    judge(spec, each, observe(source, spec, { ...tags, ...each })),
  );
  // That no value fell outside of a closed set is as it should be, and not a lack of data.
  const told = results.filter((result) => result.reason !== 'no data' || !isOther(result.tags));
  return told.length === 0 ? results : told;
}

function isOther(tags: Tags): boolean {
  return Object.values(tags).includes(OTHER_VALUE);
}

/** The values that `*` stands for, of the series that match the other tags; {} where there is none. */
function selections(source: MetricSource, metric: string, tags: Tags): readonly Tags[] {
  const starred = Object.keys(tags).filter((name) => tags[name] === '*');
  if (starred.length === 0) return [{}];
  const others = Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== '*'));
  const found = source
    .seriesTags(metric)
    .filter((series) => starred.every((name) => name in series) && matches(series, others))
    .map((series) => Object.fromEntries(starred.map((name) => [name, series[name]!])));
  const distinct = new Map(found.map((each) => [JSON.stringify(each), each]));
  return distinct.size === 0 ? [{}] : [...distinct.values()];
}

function judge(spec: ThresholdSpec, tags: Tags, observation: Observation): ThresholdResult {
  const { text } = spec;
  const result = { text, tags, observed: undefined, reason: undefined, thin: false };
  switch (observation.kind) {
    case 'no-data':
      return { ...result, status: spec.allowNoData ? 'passed' : 'undecided', reason: 'no data' };
    case 'too-few': {
      const { needs, has } = observation;
      return { ...result, status: 'undecided', reason: `needs ${needs} samples, has ${has}` };
    }
    case 'not-answered': {
      const reason = `not answered (${percentOf(observation.share)})`;
      return { ...result, status: 'failed', reason, thin: observation.thin };
    }
    case 'value': {
      const { value, unit, perSecond, thin } = observation;
      const holds = compare(value, spec.operator, spec.value);
      const status = holds ? 'passed' : 'failed';
      return { ...result, status, observed: { value, unit, perSecond }, thin };
    }
  }
}

function compare(observed: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case '<':
      return observed < limit;
    case '<=':
      return observed <= limit;
    case '>':
      return observed > limit;
    case '>=':
      return observed >= limit;
    case '==':
      return observed === limit;
    case '!=':
      return observed !== limit;
  }
}

/** Two digits of a share that would else be printed as 0.0%. */
function percentOf(share: number): string {
  const percent = share * 100;
  return `${percent >= 0.1 ? percent.toFixed(1) : percent.toPrecision(2)}%`;
}
