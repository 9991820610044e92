import type { SecondRow } from '../second-rows.ts';

export interface StatsdStyle {
  readonly prefix: string;
  readonly tags: 'none' | 'dogstatsd';
}

/** Counters of a second; everything else is a level. */
const COUNTERS: ReadonlySet<string> = new Set(
  'due started unsent attempted ok failed bytes_sent bytes_received'.split(' '),
);
/** What a row belongs to, and is no figure itself. */
const HEAD: ReadonlySet<string> = new Set(
  'timestamp scenario trial point phase second seconds step'.split(' '),
);

/**
 * A row as StatsD lines (github.com/statsd/statsd, docs/metric_types.md). What is not known is left
 * out, and so is a count of 0. With `dogstatsd` the scenario, phase and step are tags (docs.datadoghq.com,
 * "DogStatsD datagram format"); without, phase and step are parts of the name.
 */
export function statsdLines(row: SecondRow, { prefix, tags }: StatsdStyle): string[] {
  const { scenario, trial, phase, step } = row;
  const isTagged = tags === 'dogstatsd';
  const path = isTagged ? [] : [phase, ...(step === '' ? [] : [step])].map(namePart);
  const pairs = { scenario, trial, phase, ...(step !== '' && { step }) };
  const suffix = isTagged
    ? `|#${Object.entries(pairs)
        .map(([name, value]) => `${name}:${tagValue(value)}`)
        .join(',')}`
    : '';
  return Object.entries(row).flatMap(([key, value]) => {
    if (HEAD.has(key) || typeof value !== 'number') return [];
    const isCounter = COUNTERS.has(key);
    if (isCounter && value === 0) return [];
    const name = [prefix, ...path, key].join('.');
    return [`${name}:${value}|${isCounter ? 'c' : 'g'}${suffix}`];
  });
}

/** `:`, `|`, `@` and line breaks are syntax, and a dot would begin another part. */
function namePart(text: unknown): string {
  return String(text).replace(/[^A-Za-z0-9_-]/g, '_');
}

function tagValue(text: unknown): string {
  return String(text).replace(/[^A-Za-z0-9_.\-/]/g, '_');
}
