import { ExpressionError } from './expression-error.ts';

/** What stands between `{{` and `}}`, and where it begins in the text. */
export interface Placeholder {
  readonly expression: string;
  readonly offset: number;
}

/** A text as alternating parts: `statics` has one entry more than `placeholders`. */
export interface Placeholders {
  readonly statics: readonly string[];
  readonly placeholders: readonly Placeholder[];
}

const OPEN = '{{';
const CLOSE = '}}';

/** True when `text` holds a `{{`. */
export function hasPlaceholder(text: string): boolean {
  return text.includes(OPEN);
}

/** Splits `text` at its `{{ CEL }}`; throws an ExpressionError for one that does not end. */
export function splitPlaceholders(text: string): Placeholders {
  const statics: string[] = [];
  const placeholders: Placeholder[] = [];
  let position = 0;
  for (;;) {
    const open = text.indexOf(OPEN, position);
    if (open < 0) break;
    const close = findClose(text, open + OPEN.length);
    if (close < 0) throw new ExpressionError('"{{" without its "}}"', { text, offset: open });
    statics.push(text.slice(position, open));
    placeholders.push(trimmed(text, open + OPEN.length, close));
    position = close + CLOSE.length;
  }
  statics.push(text.slice(position));
  return { statics, placeholders };
}

/** The one placeholder of a text that is nothing else, whose value keeps its type. */
export function solePlaceholder({ statics, placeholders }: Placeholders): Placeholder | undefined {
  return placeholders.length === 1 && statics[0] === '' && statics[1] === ''
    ? placeholders[0]
    : undefined;
}

function trimmed(text: string, start: number, end: number): Placeholder {
  const inner = text.slice(start, end);
  const leading = inner.length - inner.trimStart().length;
  const expression = inner.trim();
  if (expression === '') throw new ExpressionError('"{{ }}" is empty', { text, offset: start });
  return { expression, offset: start + leading };
}

/** The `}}` that ends the expression: not one inside quotes, nor one that closes a CEL map. */
function findClose(text: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let i = start; i < text.length; i++) {
    const character = text[i]!;
    if (quote !== '') {
      if (character === '\\') i++;
      else if (character === quote) quote = '';
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === '{') {
      depth++;
    } else if (character === '}' && depth > 0) {
      depth--;
    } else if (character === '}' && text[i + 1] === '}') {
      return i;
    }
  }
  return -1;
}
