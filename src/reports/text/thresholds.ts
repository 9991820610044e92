import type { ResultThreshold } from '../../results/schema/result.ts';
import { printable } from '../format/printable.ts';
import { formatCount } from '../format/quantities.ts';
import { observedWords, thresholdName } from '../format/threshold-words.ts';
import { displayWidth, padEnd } from '../format/width.ts';
import { wrap } from '../format/wrap.ts';
import type { Palette } from '../palette.ts';
import { REPORT_COLUMNS } from './section.ts';

const SIGNS = { passed: '✓', failed: '✗', undecided: '?' } as const;

/** Each threshold with what was measured, and why it was not passed. */
export function thresholds(all: readonly ResultThreshold[], palette: Palette): string[] {
  if (all.length === 0) return [];
  const widest = Math.max(...all.map((each) => displayWidth(name(each))));
  const column = Math.min(widest, 60) + 2;
  return [
    `${palette.strong('Thresholds')}    ${tally(all)}`,
    ...all.flatMap((each) => thresholdLines(each, column, palette)),
  ];
}

function tally(all: readonly ResultThreshold[]): string {
  const states = ['passed', 'failed', 'undecided'] as const;
  return states
    .map((state) => ({ state, count: all.filter(({ status }) => status === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${formatCount(count)} ${state}`)
    .join(', ');
}

function thresholdLines(each: ResultThreshold, column: number, palette: Palette): string[] {
  const style = { passed: palette.good, failed: palette.bad, undecided: palette.warn }[each.status];
  const text = `${padEnd(name(each), column)}${explanation(each)}`;
  return wrap(text, REPORT_COLUMNS - 6).map((line, index) =>
    index === 0 ? `  ${style(SIGNS[each.status])} ${line}` : `      ${line}`,
  );
}

function name(each: ResultThreshold): string {
  return printable(thresholdName(each));
}

function explanation(each: ResultThreshold): string {
  const words = printable(observedWords(each));
  return each.status === 'undecided' ? `undecided: ${words}` : words;
}
