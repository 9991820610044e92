import type { MetricDeclaration } from '../../../measure/metrics/metric.ts';
import { OPENAI_PHASES, OPENAI_SAMPLED } from '../openai-metrics.ts';
import { aiperf } from './aiperf.ts';
import type { Dialect, DialectMetric, DialectPlace } from './dialect.ts';
import { guidellm } from './guidellm.ts';
import { inferencePerf } from './inference-perf.ts';
import { mlperf } from './mlperf.ts';
import { vllm } from './vllm.ts';

/** Other tools' definitions, by the name under which `report.dialects` asks for them. */
export const DIALECTS: Readonly<Record<string, Dialect>> = {
  vllm,
  guidellm,
  aiperf,
  'inference-perf': inferencePerf,
  mlperf,
};

const entries = Object.entries(DIALECTS).flatMap(([dialect, { title, metrics }]) =>
  metrics.map((metric) => ({ dialect, title, metric })),
);
const single = entries.filter(({ metric }) => metric.value !== undefined);
const pooled = entries.filter(({ metric }) => metric.each !== undefined);

/** Those with one value an operation stand behind the driver's own phases. */
export const DIALECT_PHASES: readonly MetricDeclaration[] = single.map(declaration);
/** Those with many stand behind its own samples. */
export const DIALECT_SAMPLED: readonly MetricDeclaration[] = pooled.map(declaration);

/** Names of the metrics of these dialects. */
export function dialectNames(dialects: readonly string[]): readonly string[] {
  return entries
    .filter(({ dialect }) => dialects.includes(dialect))
    .map(({ metric }) => metric.name);
}

/** The definitions of these dialects, each with the place of its values. */
export function dialectPlaces(dialects: readonly string[]): readonly DialectPlace[] {
  const placed = (those: typeof entries, first: number): DialectPlace[] =>
    those.flatMap(({ dialect, metric }, index) =>
      dialects.includes(dialect) ? [{ metric, place: first + index }] : [],
    );
  return [...placed(single, OPENAI_PHASES.length), ...placed(pooled, OPENAI_SAMPLED.length)];
}

function declaration({
  dialect,
  metric: { name, word, formula },
}: {
  readonly dialect: string;
  readonly metric: DialectMetric;
}): MetricDeclaration {
  const { title } = DIALECTS[dialect]!;
  return {
    name,
    kind: 'histogram',
    unit: 'ns',
    description: `${word} as ${title} defines it: ${formula}.`,
    better: 'lower',
    dialect: { name: dialect, title, word, formula },
  };
}
