import { closest, distance } from 'fastest-levenshtein';
import type { MetricDeclaration } from '../metrics/metric.ts';
import type { Tags } from '../metrics/metric-source.ts';
import { sampleFloor } from '../metrics/percentile-floors.ts';
import { matches } from '../metrics/series-key.ts';
import { hasShare } from '../metrics/share-of-metric.ts';
import type { MetricCatalogue } from './metric-catalogue.ts';
import type { Aggregate, ThresholdSpec } from './threshold-spec.ts';

/** What is wrong with a threshold that could be read. An error means that it can never pass. */
export interface ThresholdFinding {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
}

/** Everything that is wrong with a threshold for a scenario that measures `catalogue`. */
export function checkThreshold(
  spec: ThresholdSpec,
  catalogue: MetricCatalogue,
): ThresholdFinding[] {
  const declared = catalogue.declarations.get(spec.metric);
  if (declared === undefined) {
    if (catalogue.mayAppear(spec.metric)) return checkAbort(spec);
    const names = [...catalogue.declarations.keys()];
    return [error(`there is no metric ${spec.metric}`, nearest(spec.metric, names))];
  }
  const aggregate = checkAggregate(spec, declared);
  if (aggregate !== undefined) return [aggregate, ...checkTags(spec, catalogue)];
  const tags = [...checkTags(spec, catalogue), ...checkWindow(spec)];
  const unit = checkUnit(spec, declared);
  const samples = tags.length === 0 ? checkSamples(spec, catalogue) : [];
  return [...unit, ...tags, ...samples, ...checkAbort(spec)];
}

function checkWindow({ windowSeconds, tags }: ThresholdSpec): ThresholdFinding[] {
  if (windowSeconds === undefined || tags['phase'] !== 'warmup') return [];
  return [error('windows slide over the measured phase only', 'leave window or phase out')];
}

/** What aborts a run at its first second, or never, is most likely not what was meant. */
function checkAbort(spec: ThresholdSpec): ThresholdFinding[] {
  const { abortOnFail, delayAbortEvalNs, windowSeconds, aggregate, operator } = spec;
  if (abortOnFail === undefined) {
    if (delayAbortEvalNs === undefined) return [];
    const message = 'delayAbortEval means nothing without abortOnFail';
    return [{ severity: 'warning', message, hint: 'add abortOnFail: true' }];
  }
  const grows = aggregate?.kind === 'count' && ['>', '>=', '=='].includes(operator);
  if (!grows || windowSeconds !== undefined) return [];
  const message = 'a count begins at 0: with abortOnFail this one ends the trial at its start';
  return [{ severity: 'warning', message, hint: 'judge a rate, or give it a window' }];
}

const AGGREGATES: Readonly<Record<MetricDeclaration['kind'], readonly Aggregate['kind'][]>> = {
  histogram: ['percentile', 'avg', 'min', 'max', 'count'],
  counter: ['count', 'rate', 'share'],
  gauge: ['avg', 'min', 'max', 'last'],
  share: [],
};

function checkAggregate(
  { metric, aggregate, tags }: ThresholdSpec,
  declared: MetricDeclaration,
): ThresholdFinding | undefined {
  const { kind } = declared;
  const allowed = AGGREGATES[kind].filter((name) => isOffered(name, declared));
  const names = allowed.map((name) => (name === 'percentile' ? 'p(99), med' : name)).join(', ');
  if (allowed.length === 0) {
    if (aggregate === undefined) return undefined;
    return error(`${metric} takes no aggregate: it is a share`, `write ${metric} < 1%`);
  }
  if (aggregate === undefined) return error(`${metric} needs an aggregate`, `one of ${names}`);
  if (!allowed.includes(aggregate.kind)) {
    const name = aggregate.kind === 'percentile' ? `p(${aggregate.percent})` : aggregate.kind;
    return error(`${metric} is a ${kind}, which has no ${name}`, `one of ${names}`);
  }
  if (aggregate.kind === 'rate' && tags.phase === 'warmup') {
    return error('a rate is taken over the measured phase only', 'use count for the warm-up');
  }
  return undefined;
}

/** A rate is over all the time until it is looked at: there is only what it came to. */
function isOffered(name: Aggregate['kind'], declared: MetricDeclaration): boolean {
  if (declared.rateOf !== undefined) return name === 'last';
  return name !== 'share' || hasShare(declared);
}

function checkUnit(spec: ThresholdSpec, declared: MetricDeclaration): ThresholdFinding[] {
  const expected = expectedUnit(spec, declared);
  const fits = expected.units.includes(spec.unit) && spec.perSecond === expected.perSecond;
  if (fits) return [];
  return [error(`the value of ${spec.metric} needs another unit`, `write ${expected.example}`)];
}

interface ExpectedUnit {
  readonly units: readonly ThresholdSpec['unit'][];
  readonly perSecond: boolean;
  readonly example: string;
}

function expectedUnit({ aggregate }: ThresholdSpec, declared: MetricDeclaration): ExpectedUnit {
  const perSecond = aggregate?.kind === 'rate';
  if (aggregate?.kind === 'share' || declared.kind === 'share') {
    return { units: ['ratio'], perSecond, example: 'a share with its %: 0.1%, 99%' };
  }
  if (declared.kind === 'histogram' && aggregate?.kind === 'count') {
    return { units: ['number'], perSecond, example: 'a plain number: 500' };
  }
  switch (declared.unit) {
    case 'ns':
      return { units: ['ns'], perSecond, example: 'a duration: 250ms, 1.5s' };
    case 'bytes': {
      const example = perSecond ? 'bytes per second: 10MB/s' : 'bytes: 64KiB, 10MB';
      return { units: ['bytes'], perSecond, example };
    }
    case 'ratio':
      return { units: ['ratio', 'number'], perSecond, example: 'a ratio or a share: 0.95, 95%' };
    case 'count': {
      const example = perSecond ? 'a number per second: 400/s' : 'a plain number: 500';
      return { units: ['number'], perSecond, example };
    }
  }
}

function checkTags(spec: ThresholdSpec, catalogue: MetricCatalogue): ThresholdFinding[] {
  const findings = Object.entries(spec.tags).flatMap(([name, value]) =>
    checkTag(spec.metric, name, value, catalogue),
  );
  if (findings.length > 0) return findings;
  const asked = seriesTags(spec, catalogue);
  const some = catalogue.seriesTags(spec.metric).some((series) => matches(series, asked));
  if (some) return [];
  return [error(`no series of ${spec.metric} has all of these tags`, 'name fewer of them')];
}

function checkTag(
  metric: string,
  name: string,
  value: string,
  catalogue: MetricCatalogue,
): ThresholdFinding[] {
  const series = catalogue.seriesTags(metric);
  const values = catalogue.axes[name] ?? [
    ...new Set(series.flatMap((tags) => (tags[name] === undefined ? [] : [tags[name]]))),
  ];
  if (values.length === 0) {
    const known = [...new Set([...Object.keys(catalogue.axes), ...series.flatMap(Object.keys)])];
    return [error(`${metric} has no tag ${name}`, nearest(name, known))];
  }
  const asked: Tags = { phase: 'measure', [name]: value };
  const isKnown = values.some((known) => matches({ phase: 'measure', [name]: known }, asked));
  if (value === '*' || isKnown) return [];
  return [error(`${metric} has no series with ${name}:${value}`, nearest(value, values))];
}

/** The tags asked for that stand for one value of a series. */
function seriesTags(spec: ThresholdSpec, { axes }: MetricCatalogue): Tags {
  const own = Object.entries(spec.tags).filter(
    ([name, value]) => value !== '*' && !Object.hasOwn(axes, name),
  );
  return Object.fromEntries(own);
}

function checkSamples(spec: ThresholdSpec, catalogue: MetricCatalogue): ThresholdFinding[] {
  if (spec.aggregate?.kind !== 'percentile') return [];
  const { percent } = spec.aggregate;
  const floor = sampleFloor(percent);
  const few = (spec.minSamples ?? floor) < floor && !spec.allowThin;
  const lowered = few ? [loweredFloor(percent, floor)] : [];
  const needs = Math.max(spec.allowThin ? 0 : floor, spec.minSamples ?? 0);
  const planned = catalogue.plannedSamples(spec.metric, seriesTags(spec, catalogue));
  if (planned === undefined || planned >= needs) return lowered;
  const message = `p(${percent}) needs ${needs} samples and the load gives about ${planned}: it will be undecided, which fails`;
  const hint = 'give it more load, judge a lower percentile, or set allowThin';
  return [...lowered, { severity: 'warning', message, hint }];
}

function loweredFloor(percent: number, floor: number): ThresholdFinding {
  const message = `minSamples is below the ${floor} samples that p(${percent}) needs, which stay in force`;
  return { severity: 'warning', message, hint: 'allowThin judges below them' };
}

function error(message: string, hint: string): ThresholdFinding {
  return { severity: 'error', message, hint };
}

/** The name that was most likely meant, or all there are. */
function nearest(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'there is none';
  const candidate = closest(name, [...known]);
  const isNear = distance(name, candidate) <= Math.max(2, name.length / 3);
  return isNear ? `did you mean ${candidate}?` : `known: ${known.join(', ')}`;
}
