import type { Draft, HttpWords } from './draft.ts';

/** What an importer reads. */
export interface ImportInput {
  readonly text: string;
  readonly words: HttpWords;
  readonly only: Choice;
}

/** Which requests of a file become steps; all of them where a list is empty. */
export interface Choice {
  readonly hosts: readonly string[];
  /** Beginnings of paths. */
  readonly paths: readonly string[];
}

export function isChosenPath(path: string, { paths }: Choice): boolean {
  return paths.length === 0 || paths.some((beginning) => path.startsWith(beginning));
}

/** Throws ImportRefused with the reason where nothing can be made of it. */
export type Importer = (input: ImportInput) => Draft;
