import { cut, displayWidth } from './width.ts';

/** Breaks a text so that no line is wider than `columns`: between words, and inside one too long. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((whole) => pieces(whole, columns))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines;
}

function pieces(word: string, columns: number): string[] {
  const found: string[] = [];
  let rest = word;
  while (displayWidth(rest) > columns) {
    const piece = cut(rest, columns).slice(0, -1) || rest.slice(0, 1);
    found.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...found, rest];
}
