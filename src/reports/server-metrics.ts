import type { MetricDeclaration } from '../measure/metrics/metric.ts';
import type { MetricSource, Tags } from '../measure/metrics/metric-source.ts';
import { matches, tagsWithout } from '../measure/metrics/series-key.ts';
import type { Result } from '../results/schema/result.ts';
import { metricRate, metricValue } from './format/metric-value.ts';
import { formatCount, formatDuration } from './format/quantities.ts';

/** Lines a server gets; all that was seen stands in result.json. */
const LINES_SHOWN = 24;

export interface ServerLines {
  readonly target: string;
  /** How often it was looked at, and how that fared. */
  readonly looks: string;
  /** What was seen in the measured phase. */
  readonly seen: readonly (readonly [name: string, words: string])[];
  /** Series that have no line here. */
  readonly more: number;
}

/** What targets with `monitor` showed of themselves. */
export function serverLines(result: Result, source: MetricSource): readonly ServerLines[] {
  const looks = result.serverLooks ?? [];
  const targets = [...new Set(looks.map(({ target }) => target))];
  return targets.map((target) => {
    const seen = seenOf(source, target);
    return {
      target,
      looks: looks
        .filter((one) => one.target === target)
        .map(lookWords)
        .join('; '),
      seen: seen.slice(0, LINES_SHOWN),
      more: Math.max(0, seen.length - LINES_SHOWN),
    };
  });
}

function lookWords(looks: NonNullable<Result['serverLooks']>[number]): string {
  const { kind, everyNs, failures, missed, turnedAway, lastError } = looks;
  const parts = [`${kind} every ${formatDuration(everyNs)}: ${formatCount(looks.looks)} looks`];
  if (failures > 0) parts.push(`${formatCount(failures)} failed (${lastError ?? ''})`);
  if (missed > 0) parts.push(`${formatCount(missed)} missed`);
  if (turnedAway > 0) parts.push(`${formatCount(turnedAway)} series left out`);
  return parts.join(', ');
}

/** Counters that grew, and gauges that were not 0 all the time. */
function seenOf(source: MetricSource, target: string): (readonly [string, string])[] {
  return [...source.declarations.values()]
    .filter(({ name }) => name.startsWith('server_'))
    .flatMap((declared) =>
      source
        .seriesTags(declared.name)
        .filter((tags) => matches(tags, { target }))
        .flatMap((tags): (readonly [string, string])[] => {
          const words = seriesWords(source, declared, tags);
          return words === undefined ? [] : [[seriesLabel(declared.name, tags), words]];
        }),
    );
}

function seriesWords(
  source: MetricSource,
  { name, kind, unit }: MetricDeclaration,
  tags: Tags,
): string | undefined {
  if (kind === 'counter') {
    const count = source.counter(name, tags);
    if (count === 0) return undefined;
    const rate = source.durationSeconds > 0 ? count / source.durationSeconds : 0;
    return `+${metricValue(count, unit)} (${metricRate(rate, unit)})`;
  }
  const { average, max, last, count } = source.gauge(name, tags);
  if (count === 0 || max === 0) return undefined;
  const [mean, most, end] = [average, max, last].map((value) => metricValue(value, unit));
  return `avg ${mean}, max ${most}, last ${end}`;
}

function seriesLabel(name: string, tags: Tags): string {
  const own = Object.entries(tagsWithout(tags, 'target', 'phase'));
  return own.length === 0 ? name : `${name}{${own.map((pair) => pair.join(':')).join(',')}}`;
}
