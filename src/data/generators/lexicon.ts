import type { TokenCounter } from '../token-counter.ts';

/** The words that generated texts are made of. */
export interface Lexicon {
  readonly words: readonly string[];
  /** Tokens a word adds to a text, on average; exactly 1 where `exact`. */
  readonly tokensPerWord: number;
  /** Every word is one token wherever it stands, as far as asking for it alone and twice tells. */
  readonly exact: boolean;
}

const CONSONANTS = 'b d f g k l m n p r s t v z'.split(' ');
const VOWELS = 'a e i o u'.split(' ');
/** Words that are tried; more would cost start-up time and add nothing to the texts. */
const MAX_CANDIDATES = 4096;
/** With fewer one-token words than these, texts would repeat a handful of words. */
const MIN_WORDS = 32;

/** All words of two syllables such as "bado": 4,900 of them, each counted as one token. */
export function syllableLexicon(): Lexicon {
  const syllables = CONSONANTS.flatMap((first) => VOWELS.map((next) => first + next));
  const words = syllables.flatMap((first) => syllables.map((next) => first + next));
  return { words, tokensPerWord: 1, exact: true };
}

/**
 * Words of a tokenizer's own vocabulary that are one token each; where it has too few of those
 * (a byte-level one), syllables, which then cost several.
 */
export function tokenizerLexicon(counter: TokenCounter): Lexicon {
  const words = candidates(counter.vocabulary()).filter(
    (word) => tokensOf(counter, word) === 1 && tokensOf(counter, `${word} ${word}`) === 2,
  );
  if (words.length >= MIN_WORDS) return { words, tokensPerWord: 1, exact: true };
  const { words: syllables } = syllableLexicon();
  const sample = syllables.filter((_, index) => index % 50 === 0);
  const tokensPerWord = tokensOf(counter, sample.join(' ')) / sample.length;
  return { words: syllables, tokensPerWord, exact: false };
}

/** Whole lower-case words, without the signs that tokenizers put before one, evenly chosen. */
function candidates(vocabulary: readonly string[]): readonly string[] {
  const bare = vocabulary.map((token) => token.replace(/^[\u0120\u2581]/, ''));
  const words = [...new Set(bare)].filter((token) => /^[a-z]{2,}$/.test(token));
  const step = Math.max(1, words.length / MAX_CANDIDATES);
  return Array.from(
    { length: Math.min(words.length, MAX_CANDIDATES) },
    (_, index) => words[Math.floor(index * step)]!,
  );
}

function tokensOf(counter: TokenCounter, text: string): number {
  return counter.encodeBare(text).length;
}
