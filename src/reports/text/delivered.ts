import type { Account } from '../../measure/metrics/interval.ts';
import { FAILED_OUTCOMES } from '../../measure/metrics/outcome.ts';
import type { MetricSource } from '../../measure/metrics/metric-source.ts';
import type { Result } from '../../results/schema/result.ts';
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatRate,
  formatShare,
} from '../format/quantities.ts';
import type { Palette } from '../palette.ts';
import { labelled } from './section.ts';

/** What was asked of the target and what it answered. */
export function delivered(result: Result, source: MetricSource, palette: Palette): string[] {
  const account = result.accounts.measure;
  const isOpen = result.flows.some(({ model }) => model === 'open');
  return [
    palette.strong(isOpen ? 'Asked and delivered' : 'Delivered'),
    ...(isOpen ? offered(result, account, palette) : iterations(account)),
    ...labelled('operations', operations(account)),
    ...labelled('throughput', throughput(result)),
    ...items(result, source),
    ...tail(result),
    ...goodput(source, account),
    ...traffic(result, source),
    ...warmup(result),
  ];
}

function offered(result: Result, account: Account, palette: Palette): string[] {
  const rate = (count: number): string =>
    result.durationSeconds > 0 ? `, ${formatRate(count / result.durationSeconds)}` : '';
  const ofDue = (count: number): string => formatShare(account.due === 0 ? 0 : count / account.due);
  const unsent = unsentCount(account);
  const reasons = counted(account.unsent);
  return [
    ...labelled('due', `${formatCountOf(account.due, 'iteration')}${rate(account.due)}`),
    ...labelled(
      'started',
      `${formatCount(account.started)}${rate(account.started)} (${ofDue(account.started)} of due)`,
    ),
    ...(unsent === 0
      ? labelled('unsent', 'none')
      : labelled(
          'unsent',
          `${formatCount(unsent)} (${ofDue(unsent)} of due): ${reasons}`,
          palette.bad,
        )),
  ];
}

function iterations(account: Account): string[] {
  const parts = [
    `${formatCount(account.started)} started`,
    `${formatCount(account.completed)} completed`,
  ];
  if (account.aborted > 0) parts.push(`${formatCount(account.aborted)} aborted`);
  if (account.interruptedIterations > 0) {
    parts.push(`${formatCount(account.interruptedIterations)} interrupted`);
  }
  if (unsentCount(account) > 0) parts.push(`unsent: ${counted(account.unsent)}`);
  return labelled('iterations', parts.join(', '));
}

/** Rows or texts, where an operation holds several. */
function items({ accounts: { measure }, durationSeconds }: Result, source: MetricSource): string[] {
  const count = source.declarations.has('items') ? source.counter('items') : 0;
  if (count <= measure.attempted) return [];
  return labelled('items', `${formatCount(count)}, ${formatRate(count / durationSeconds)}`);
}

function operations({ attempted, operations: counts }: Account): string {
  if (attempted === 0) return 'none';
  const ok = counts['ok'] ?? 0;
  const failed = FAILED_OUTCOMES.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0);
  const parts = [
    `${formatCount(ok)} ok`,
    failed === 0
      ? 'none failed'
      : `${formatCount(failed)} failed (${formatShare(failed / attempted)})`,
  ];
  for (const outcome of ['interrupted', 'cancelled']) {
    const count = counts[outcome] ?? 0;
    if (count > 0) parts.push(`${formatCount(count)} ${outcome}`);
  }
  return `${formatCount(attempted)} attempted: ${parts.join(', ')}`;
}

function throughput(result: Result): string {
  return `${formatRate(result.throughput.operationsPerSecond)} operations answered ok`;
}

function tail(result: Result): string[] {
  const share = result.throughput.tailShare;
  if (share === null) return [];
  return labelled(
    'tail',
    `${formatShare(share)} of the time ran below full concurrency, as the last iterations ended`,
  );
}

function goodput(source: MetricSource, account: Account): string[] {
  if (!source.declarations.has('goodput')) return [];
  const good = source.counter('goodput');
  const share = account.due === 0 ? '' : `, ${formatShare(good / account.due)} of due`;
  return labelled('goodput', `${formatCount(good)} operations met their SLO${share}`);
}

function traffic(result: Result, source: MetricSource): string[] {
  const sent = source.counter('bytes_sent');
  const received = source.counter('bytes_received');
  if (sent + received === 0) return [];
  const rate = (bytes: number): string =>
    result.durationSeconds > 0 ? ` (${formatBytes(bytes / result.durationSeconds)}/s)` : '';
  return labelled(
    'traffic',
    `${formatBytes(sent)}${rate(sent)} sent, ${formatBytes(received)}${rate(received)} received`,
  );
}

function warmup(result: Result): string[] {
  const account = result.accounts.warmup;
  if (account === null) return [];
  const failed = account.attempted - (account.operations['ok'] ?? 0);
  const errors = failed === 0 ? 'none failed' : `${formatCount(failed)} not ok`;
  return labelled(
    'warm-up',
    `${formatCountOf(account.attempted, 'operation')}, ${errors}; not part of any figure here`,
  );
}

export function unsentCount(account: Account): number {
  return Object.values(account.unsent).reduce((sum, count) => sum + count, 0);
}

/** `late 20, no_slot 2`, without those that did not occur. */
function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(', ');
}
