import type { Tags } from './metric-source.ts';
import { FAILED_OUTCOMES } from './outcome.ts';

/** The value of a tag out of data that is none of its closed set. */
export const OTHER_VALUE = 'other';

/** One text for a series, whatever the order of its tags. It never leaves the process. */
export function seriesKey(metric: string, tags: Tags): string {
  const names = Object.keys(tags).toSorted();
  return [metric, ...names.flatMap((name) => [name, tags[name]])].join('\0');
}

/** The same tags without some of them. */
export function tagsWithout(tags: Tags, ...names: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([name]) => !names.includes(name)));
}

/**
 * Whether a series has all the tags that are asked for. `phase` is `measure` unless it is named;
 * `outcome: failed` stands for every failed outcome of an operation.
 */
export function matches(series: Tags, asked: Tags): boolean {
  if (asked.phase === undefined && series.phase !== 'measure') return false;
  for (const name in asked) {
    const value = asked[name];
    if (series[name] === value) continue;
    if (name !== 'outcome' || value !== 'failed' || !FAILED.has(series.outcome ?? '')) return false;
  }
  return true;
}

const FAILED: ReadonlySet<string> = new Set(FAILED_OUTCOMES);
