import type { Result } from '../../results/schema/result.ts';
import { exitWords } from '../format/exit-words.ts';
import { printable } from '../format/printable.ts';
import type { Palette } from '../palette.ts';
import { labelled } from './section.ts';

/** The verdict on the generator, remarks, the exit code and where the files are. */
export function ending(result: Result, folder: string, palette: Palette): string[] {
  return [
    ...labelled('verdict', verdict(result), verdictStyle(result, palette)),
    ...result.notes.flatMap((note) => labelled('note', printable(note))),
    ...exit(result, palette),
    ...(folder === '' ? [] : labelled('folder', printable(folder))),
  ];
}

function verdict({ verdict: { state, reasons } }: Result): string {
  const why = reasons.map(printable).join('; ');
  if (state !== 'NOT_JUDGED') return why === '' ? state : `${state}: ${why}`;
  return `${state}: ${why || 'look at the lags above to see how far the generator kept its promises'}`;
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
