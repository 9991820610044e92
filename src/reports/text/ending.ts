import type { Result } from '../../results/schema/result.ts';
import { exitWords } from '../format/exit-words.ts';
import { formatCountOf, formatRate, formatShare } from '../format/quantities.ts';
import { printable } from '../format/printable.ts';
import type { Palette } from '../palette.ts';
import { labelled } from './section.ts';

/** The verdict on the generator, remarks, the exit code and where the files are. */
export function ending(result: Result, folder: string, palette: Palette): string[] {
  return [
    ...verdictLines(result, palette),
    ...ceiling(result, palette),
    ...result.notes.flatMap((note) => labelled('note', printable(note))),
    ...exit(result, palette),
    ...(folder === '' ? [] : labelled('folder', printable(folder))),
  ];
}

/** Each finding on lines of its own, and below it what to do. */
function verdictLines(result: Result, palette: Palette): string[] {
  const { state, findings = [] } = result.verdict;
  const style = verdictStyle(result, palette);
  if (findings.length === 0) return labelled('verdict', verdict(result), style);
  return [
    ...labelled('verdict', state, style),
    ...findings.flatMap(({ what, figure, remedy }) => [
      ...labelled('', `${printable(what)}: ${printable(figure)}`, style),
      ...labelled('', `→ ${printable(remedy)}`),
    ]),
  ];
}

function verdict({ verdict: { state, reasons } }: Result): string {
  const why = reasons.map(printable).join('; ');
  if (state !== 'NOT_JUDGED') return why === '' ? state : `${state}: ${why}`;
  return `${state}: ${why || 'look at the lags above to see how far the generator kept its promises'}`;
}

/** From here on the generator's own end is near enough to be seen in the figures. */
const NEAR_THE_CEILING = 0.8;

function ceiling({ ceiling: known, workers }: Result, palette: Palette): string[] {
  if (known === undefined) return [];
  const { operationsPerSecond, usedShare, busiestSecondShare, isLowerBound, measuredAt } = known;
  const [used, atLeast] = isLowerBound ? ['used at most', 'at least '] : ['used', ''];
  const text =
    `${used} ${shareWords(usedShare)} of what this machine can send, ` +
    `${shareWords(busiestSecondShare)} in the busiest second ` +
    `(${formatCountOf(workers, 'worker')} × ${atLeast}${formatRate(operationsPerSecond)}, answers ` +
    `unchecked, calibrated ${measuredAt.slice(0, 10)})`;
  const isNear = busiestSecondShare >= NEAR_THE_CEILING;
  return labelled('ceiling', text, isNear ? palette.warn : undefined);
}

/** A ceiling that is a lower bound can be passed. */
function shareWords(share: number): string {
  return share > 1 ? `${(share * 100).toFixed(0)}%` : formatShare(share);
}

function verdictStyle({ verdict: { state } }: Result, palette: Palette): (text: string) => string {
  switch (state) {
    case 'VALID':
      return palette.good;
    case 'SUSPECT':
      return palette.warn;
    case 'INVALID':
      return palette.bad;
    case 'NOT_JUDGED':
      return palette.dim;
  }
}

function exit({ exitCode }: Result, palette: Palette): string[] {
  if (exitCode === null || exitCode === 0) return [];
  return labelled('exit code', exitWords(exitCode), palette.bad);
}
