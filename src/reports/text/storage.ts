import type { Result } from '../../results/schema/result.ts';
import { printable } from '../format/printable.ts';
import type { Palette } from '../palette.ts';
import { storageLines, storagePerMillion } from '../storage.ts';
import { labelled } from './section.ts';

/** What rows took of the servers that hold them. */
export function storage(result: Result, palette: Palette): string[] {
  return storageLines(result).flatMap(({ target, lines }) => [
    palette.strong(`Storage of ${printable(target)}`),
    ...lines.flatMap(([label, words]) => labelled(label, printable(words))),
  ]);
}

/** The same of several trials, in short. */
export function storageOfTrials(results: readonly Result[], palette: Palette): string[] {
  const lines = storagePerMillion(results);
  if (lines.length === 0) return [];
  return [
    '',
    palette.strong('Storage of a million rows'),
    ...lines.flatMap(([target, words]) => labelled(printable(target), printable(words))),
  ];
}
