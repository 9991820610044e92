import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import {
  cumulativeMetrics,
  type CumulativeSeries,
  type MetricFamily,
} from '../cumulative-metrics.ts';
import type { OutputSecond } from '../output.ts';

/** opentelemetry/proto/metrics/v1/metrics.proto: AGGREGATION_TEMPORALITY_CUMULATIVE. */
const CUMULATIVE = 2;

/** UCUM, as OpenTelemetry's conventions for metrics ask. */
const UNITS: Readonly<Record<MetricDeclaration['unit'], string>> = {
  ns: 's',
  count: '1',
  bytes: 'By',
  ratio: '1',
};

/**
 * An ExportMetricsServiceRequest in the JSON encoding of OTLP 1.x: proto3's JSON with names in
 * camelCase, 64-bit integers as texts and enums as numbers. Everything counts since the trial
 * began, so that an export that is lost costs resolution and no count.
 */
export function otlpRequest(second: OutputSecond): object {
  const { trial, total, endedAtMs, trialStartedAtMs } = second;
  const times = {
    startTimeUnixNano: unixNano(trialStartedAtMs),
    timeUnixNano: unixNano(Math.max(endedAtMs, trialStartedAtMs)),
  };
  const resource = {
    'service.name': 'loadgen',
    'service.version': trial.version,
    'loadgen.scenario': trial.scenario,
    'loadgen.trial': String(trial.trial),
    ...Object.fromEntries(
      Object.entries(trial.labels).map(([name, value]) => [`loadgen.${name}`, value]),
    ),
  };
  const metrics = cumulativeMetrics(total).map((family) => metricOf(family, times));
  const scope = { name: 'loadgen', version: trial.version };
  return {
    resourceMetrics: [
      { resource: { attributes: attributes(resource) }, scopeMetrics: [{ scope, metrics }] },
    ],
  };
}

interface Times {
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
}

function metricOf({ declaration, bounds, series }: MetricFamily, times: Times): object {
  const { name, kind, unit, description } = declaration;
  const head = { name: `loadgen.${name}`, description, unit: UNITS[unit] };
  if (kind === 'gauge') {
    return { ...head, gauge: { dataPoints: series.map((each) => numberPoint(each, times)) } };
  }
  if (kind === 'counter') {
    const dataPoints = series.map((each) => numberPoint(each, times));
    return { ...head, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } };
  }
  const dataPoints = series.map((each) => histogramPoint(each, bounds, times));
  return { ...head, histogram: { dataPoints, aggregationTemporality: CUMULATIVE } };
}

function numberPoint({ tags, value }: CumulativeSeries, times: Times): object {
  const number = Number.isSafeInteger(value) ? { asInt: String(value) } : { asDouble: value };
  return { attributes: attributes(tags), ...times, ...number };
}

function histogramPoint(
  { tags, histogram }: CumulativeSeries,
  bounds: readonly number[],
  times: Times,
): object {
  const { count, sum, counts } = histogram!;
  return {
    attributes: attributes(tags),
    ...times,
    count: String(count),
    sum,
    bucketCounts: counts.map(String),
    explicitBounds: [...bounds],
  };
}

function attributes(values: Readonly<Record<string, string>>): object[] {
  return Object.entries(values).map(([key, text]) => {
    return { key, value: { stringValue: text.toWellFormed() } };
  });
}

/** To the microsecond, which is more than a wall clock has. */
function unixNano(ms: number): string {
  return `${Math.round(ms * 1_000)}000`;
}
