import type { Result } from '../../results/schema/result.ts';
import { printable } from '../format/printable.ts';
import type { Palette } from '../palette.ts';
import { storageLines } from '../storage.ts';
import { labelled } from './section.ts';

/** What rows took of the servers that hold them. */
export function storage(result: Result, palette: Palette): string[] {
  return storageLines(result).flatMap(({ target, lines }) => [
    palette.strong(`Storage of ${printable(target)}`),
    ...lines.flatMap(([label, words]) => labelled(label, printable(words))),
  ]);
}
