import type { Tags } from '../measure/metrics/metric-source.ts';

/**
 * A series as one word, for places that have room for a word only (the tag of a histogram log, the
 * key of a counter): `response_time{outcome=ok;step=embed}`, tags in alphabetical order. Names and
 * values are escaped as in URLs, so that no value can break out of it.
 */
export function seriesName(metric: string, tags: Tags): string {
  const names = Object.keys(tags).toSorted();
  const pairs = names.map((tag) => `${escaped(tag)}=${escaped(tags[tag]!)}`);
  return `${escaped(metric)}{${pairs.join(';')}}`;
}

/** The inverse; undefined for a text that is not the name of a series. */
export function parseSeriesName(
  name: string,
): { readonly metric: string; readonly tags: Tags } | undefined {
  const match = /^([^{}]+)\{([^{}]*)\}$/.exec(name);
  if (match === null) return undefined;
  try {
    const pairs = match[2] === '' ? [] : match[2]!.split(';').map((pair) => pair.split('='));
    if (pairs.some((pair) => pair.length !== 2)) return undefined;
    const tags = pairs.map(([tag, value]) => [unescaped(tag!), unescaped(value!)]);
    return { metric: unescaped(match[1]!), tags: Object.fromEntries(tags) as Tags };
  } catch {
    return undefined;
  }
}

function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function unescaped(text: string): string {
  return decodeURIComponent(text);
}
