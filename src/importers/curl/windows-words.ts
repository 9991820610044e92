import { ImportRefused } from '../import-refused.ts';
import type { ShellCommand } from './shell-commands.ts';

/** A caret takes the meaning from what follows it; before the end of a line it joins the next. */
export function withoutCarets(text: string): string {
  return text
    .replace(/\^\r?\n\r?\n/g, '\n')
    .replace(/\s*\^\r?\n\s*/g, ' ')
    .replace(/\^([^])/g, '$1')
    .trim();
}

/**
 * As programs of Windows read their command line: 2n backslashes before a quote are n and the quote
 * counts, 2n + 1 are n and a literal quote; other backslashes are themselves.
 */
export function windowsCommands(line: string): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) commands.push({ words, redirections: [] });
    words = [];
  };
  for (const [part, slashes, quote] of line.matchAll(/(\\*)(")|[^]/g)) {
    if (quote !== undefined) {
      word = `${word ?? ''}${'\\'.repeat(Math.floor(slashes!.length / 2))}`;
      if (slashes!.length % 2 === 1) word += '"';
      else quoted = !quoted;
    } else if (!quoted && /[&|\n]/.test(part)) endCommand();
    else if (!quoted && /\s/.test(part)) endWord();
    else word = `${word ?? ''}${part}`;
  }
  if (quoted) throw new ImportRefused('a quote is not closed');
  endCommand();
  return commands;
}
