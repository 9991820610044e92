import type { Result, ResultFlow, ResultTarget } from '../../results/schema/result.ts';
import { formatCountOf, formatDuration } from '../format/quantities.ts';
import { abortWords } from '../format/abort-words.ts';
import { loadWords } from '../format/load-words.ts';
import { printable } from '../format/printable.ts';
import { cut } from '../format/width.ts';
import type { Palette } from '../palette.ts';
import { labelled, REPORT_COLUMNS } from './section.ts';

/** What ran: scenario, load, target and client, when and how long. */
export function headline(result: Result, palette: Palette): string[] {
  return [
    palette.strong(cut(title(result), REPORT_COLUMNS)),
    ...stateLine(result, palette),
    '',
    ...result.flows.flatMap((flow) => flowLines(flow, result.flows.length > 1)),
    ...result.targets.flatMap(targetLines),
    ...labelled('measured', measured(result)),
    ...labelled('generator', generator(result)),
  ];
}

function title(result: Result): string {
  const axes = Object.entries(result.axes).map(([axis, value]) => `${axis}=${String(value)}`);
  const parts = [result.scenario];
  if (result.trialCount > 1) parts.push(`trial ${result.trial} of ${result.trialCount}`);
  if (result.repetition !== undefined) parts.push(`repetition ${result.repetition}`);
  if (axes.length > 0) parts.push(axes.join(' '));
  return printable(parts.join(' · '));
}

function stateLine(result: Result, palette: Palette): string[] {
  switch (result.state) {
    case 'complete':
      return [];
    case 'interrupted':
      return [palette.warn('INTERRUPTED: this run was stopped before its end')];
    case 'incomplete':
      if (result.aborted !== undefined) return [palette.bad(abortWords(result.aborted))];
      return [palette.bad('INCOMPLETE: this run ended early; do not compare it with whole ones')];
  }
}

function flowLines(flow: ResultFlow, several: boolean): string[] {
  const label = several ? `load ${printable(flow.name)}` : 'load';
  return labelled(label, printable(loadWords(flow)));
}

function targetLines(target: ResultTarget): string[] {
  const parts = [
    `${target.name}${target.url === '' ? '' : ` ${target.url}`}`,
    `driver ${target.driver}`,
    `client ${target.client}`,
  ];
  if (target.server !== null) parts.push(`server ${target.server}, started for this run`);
  return labelled('target', printable(parts.join(' · ')));
}

function measured(result: Result): string {
  const measure = result.phases.find(({ phase }) => phase === 'measure');
  const warmup = result.phases.find(({ phase }) => phase === 'warmup');
  const duration = formatDuration(result.durationSeconds * 1e9);
  const from = measure === undefined ? '' : ` from ${readable(measure.startedAt)} UTC`;
  const after =
    warmup === undefined
      ? ', without a warm-up'
      : `, after ${formatDuration(warmup.endNs - warmup.startNs)} of warm-up, recorded apart`;
  return `${duration}${from}${after}`;
}

/** `2026-11-22 10:34:26` */
function readable(timestamp: string): string {
  return timestamp.slice(0, 19).replace('T', ' ');
}

function generator(result: Result): string {
  const parts = [
    `loadgen ${result.versions.loadgen}`,
    formatCountOf(result.workers, 'worker'),
    `seed ${result.seed}`,
  ];
  if (result.planHash !== null) parts.push(`plan ${result.planHash.slice(0, 12)}`);
  return printable(parts.join(' · '));
}
