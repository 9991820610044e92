import type { MetricDeclaration } from '../../measure/metrics/metric.ts';
import {
  cumulativeMetrics,
  type CumulativeSeries,
  type MetricFamily,
} from '../cumulative-metrics.ts';
import type { OutputAccount } from '../delivery-count.ts';
import type { OutputSecond } from '../output.ts';

const SUFFIXES: Readonly<Record<MetricDeclaration['unit'], string>> = {
  ns: '_seconds',
  count: '',
  bytes: '_bytes',
  ratio: '_ratio',
};

/**
 * All metrics of the trial so far in Prometheus' text format 0.0.4. Names follow Prometheus' own
 * conventions: base units, `_total` on counters.
 */
export function prometheusText(
  { trial, total }: OutputSecond,
  accounts: readonly OutputAccount[] = [],
): string {
  const labels = { scenario: trial.scenario, trial: String(trial.trial), ...trial.labels };
  const lines = cumulativeMetrics(total).flatMap((family) => familyLines(family, labels));
  return `${[...lines, ...accountLines(accounts)].join('\n')}\n`;
}

type Labels = Readonly<Record<string, string>>;

function familyLines({ declaration, bounds, series }: MetricFamily, labels: Labels): string[] {
  const { kind, description } = declaration;
  const name = metricName(declaration);
  return [
    `# HELP ${name} ${helpText(description)}`,
    `# TYPE ${name} ${kind}`,
    ...series.flatMap((each) => {
      const own = { ...labels, ...each.tags };
      if (kind === 'histogram') return histogramLines(name, own, bounds, each);
      return [`${name}${labelText(own)} ${each.value}`];
    }),
  ];
}

function histogramLines(
  name: string,
  labels: Labels,
  bounds: readonly number[],
  { histogram }: CumulativeSeries,
): string[] {
  const { counts, count, sum } = histogram!;
  let below = 0;
  const buckets = [...bounds, Infinity].map((bound, at) => {
    below += counts[at]!;
    const le = bound === Infinity ? '+Inf' : String(bound);
    return `${name}_bucket${labelText({ ...labels, le })} ${below}`;
  });
  const own = labelText(labels);
  return [...buckets, `${name}_sum${own} ${sum}`, `${name}_count${own} ${count}`];
}

/** How the live outputs themselves fare. */
function accountLines(accounts: readonly OutputAccount[]): string[] {
  if (accounts.length === 0) return [];
  const name = 'loadgen_output_dropped_total';
  return [
    `# HELP ${name} What live outputs could not deliver.`,
    `# TYPE ${name} counter`,
    ...accounts.map(({ name: output, dropped }) => `${name}${labelText({ output })} ${dropped}`),
  ];
}

function metricName({ name, kind, unit }: MetricDeclaration): string {
  const clean = name.replace(/[^a-zA-Z0-9_]/g, '_');
  const suffix = SUFFIXES[unit];
  // `bytes_sent` has its unit already.
  const hasUnit = suffix !== '' && clean.includes(suffix.slice(1));
  return `loadgen_${clean}${hasUnit ? '' : suffix}${kind === 'counter' ? '_total' : ''}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${labelName(name)}="${labelValue(value)}"`,
  );
  return `{${pairs.join(',')}}`;
}

/** Axes are paths (`params.tokens`), and names that begin with two `_` are Prometheus' own. */
function labelName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

function labelValue(value: string): string {
  return value
    .toWellFormed()
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n');
}

function helpText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
