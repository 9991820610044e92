/** How a text is brought to a number of tokens. */
export interface TokenFit {
  readonly tokens: number;
  count(text: string): number;
  /** The next word to try. */
  word(): string;
}

const LETTERS = 'a e i o u t n s r'.split(' ');
/** Steps after which a text is given up: each adds or removes a word or a letter. */
const MAX_STEPS = 2000;

/**
 * Takes words and letters away or adds some until `text` has exactly `tokens` tokens; undefined
 * when that cannot be reached.
 */
export function fitTokens(text: string, fit: TokenFit): string | undefined {
  let fitted = text;
  for (let step = 0; step < MAX_STEPS; step++) {
    const missing = fit.tokens - fit.count(fitted);
    if (missing === 0) return fitted;
    const next = missing < 0 ? shortened(fitted) : lengthened(fitted, fit);
    if (next === undefined) return undefined;
    fitted = next;
  }
  return undefined;
}

/** Without its last word, or the last letter of its only one. */
function shortened(text: string): string | undefined {
  const space = text.lastIndexOf(' ');
  if (space >= 0) return text.slice(0, space);
  return text.length > 1 ? text.slice(0, -1) : undefined;
}

/** With the first of a word, a letter for a word, or a letter more that is not too much. */
function lengthened(text: string, fit: TokenFit): string | undefined {
  const before = fit.count(text);
  const endings = [fit.word(), ...LETTERS].map((word) => ` ${word}`);
  for (const ending of [...endings, ...LETTERS]) {
    const after = fit.count(text + ending);
    if (after > before && after <= fit.tokens) return text + ending;
  }
  return undefined;
}
