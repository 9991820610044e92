import { isReservedMetric } from '../../measure/metrics/driver-metrics.ts';
import { FAILED_OUTCOMES } from '../../measure/metrics/outcome.ts';
import type { ResultPreparation } from '../../results/schema/preparation.ts';
import { formatCount, formatCountOf, formatDuration, formatRate } from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import type { Palette } from '../palette.ts';
import { labelled } from './section.ts';

const LABELS = { prepare: 'prepare', cleanup: 'clean up' } as const;

/** What was done before the load and behind it, a line for each part. */
export function preparations(parts: readonly ResultPreparation[], palette: Palette): string[] {
  if (parts.length === 0) return [];
  return [
    palette.strong('Around the load'),
    ...parts.flatMap((part) => [
      ...labelled(LABELS[part.phase], `${printable(part.steps.join(', '))}: ${doneWords(part)}`),
      ...keptWords(part).flatMap((words) => labelled('', printable(words), palette.dim)),
      ...(part.failure === null ? [] : labelled('', printable(part.failure), palette.bad)),
    ]),
  ];
}

function doneWords(part: ResultPreparation): string {
  const { attempted, operations } = part.account;
  const failed = FAILED_OUTCOMES.reduce((sum, outcome) => sum + (operations[outcome] ?? 0), 0);
  const rate = attempted / part.durationSeconds;
  return [
    formatCountOf(attempted, 'operation'),
    failed === 0 ? 'none failed' : `${formatCount(failed)} failed`,
    formatDuration(part.durationSeconds * 1e9),
    ...(part.steps.length < attempted && Number.isFinite(rate) ? [formatRate(rate)] : []),
    ...itemWords(part),
    ...ownTimes(part),
  ].join(', ');
}

/** `bench, says the server: kind hnsw, metric l2, m 16` */
function keptWords({ settingsKept = [] }: ResultPreparation): string[] {
  return settingsKept.map(({ of, settings }) => {
    const words = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
    return `${of}, says the server: ${words.join(', ')}`;
  });
}

/** Rows, where an operation holds several. */
function itemWords({ series, account, durationSeconds }: ResultPreparation): string[] {
  const items = series
    .filter(({ metric }) => metric === 'items')
    .reduce((sum, { value = 0 }) => sum + value, 0);
  if (items <= account.attempted) return [];
  return [`${formatCountOf(items, 'item')} (${formatRate(items / durationSeconds)})`];
}

const USUAL_TAGS = ['flow', 'step', 'target', 'outcome', 'phase'];

/** Times that drivers tell apart by tags of their own: how long it took until an index was built. */
function ownTimes({ series }: ResultPreparation): string[] {
  return series.flatMap(({ metric, unit, tags, histogram }) => {
    const own = Object.entries(tags).filter(([name]) => !USUAL_TAGS.includes(name));
    const isBuiltIn = isReservedMetric(metric);
    if (isBuiltIn || unit !== 'ns' || own.length === 0 || histogram === undefined) return [];
    const tagged = own.map(([name, value]) => `${name}:${value}`).join(',');
    return [printable(`${metric}{${tagged}} up to ${formatDuration(histogram.max)}`)];
  });
}
