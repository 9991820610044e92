import type { TokenCounter } from '../token-counter.ts';

/** Without a tokenizer: ids below stand for padding, beginning and end in most vocabularies. */
const FIRST_WORD_ID = 100;

/** The token ids of texts, put together from those of their words. */
export interface ComposedIds {
  /** Of the text of these words of the lexicon. */
  of(indexes: Uint16Array): number[];
  /** Whether the tokenizer says so too. */
  areRight(ids: readonly number[], indexes: Uint16Array): boolean;
}

/** Without a tokenizer each word has a number of its own: it stands for its token. */
export function composedIds(
  words: readonly string[],
  counter: TokenCounter | undefined,
): ComposedIds {
  const parts = counter === undefined ? numberedWords(words) : tokenizedWords(words, counter);
  function of(indexes: Uint16Array): number[] {
    const { head, tail, first, later } = parts;
    const ids = [...head];
    for (let at = 0; at < indexes.length; at++) ids.push((at === 0 ? first : later)[indexes[at]!]!);
    for (const id of tail) ids.push(id);
    return ids;
  }
  return {
    of,
    areRight(ids, indexes) {
      const own = of(indexes);
      return own.length === ids.length && own.every((id, at) => id === ids[at]);
    },
  };
}

interface Parts {
  /** Those that the tokenizer adds before and after every text. */
  readonly head: readonly number[];
  readonly tail: readonly number[];
  /** By word: at the beginning of a text, and after a space. */
  readonly first: Float64Array;
  readonly later: Float64Array;
}

function numberedWords(words: readonly string[]): Parts {
  const ids = Float64Array.from(words, (_, index) => FIRST_WORD_ID + index);
  return { head: [], tail: [], first: ids, later: ids };
}

function tokenizedWords(words: readonly string[], counter: TokenCounter): Parts {
  const first = new Float64Array(words.length);
  const later = new Float64Array(words.length);
  for (const [index, word] of words.entries()) {
    const [start, next] = counter.encodeBare(`${word} ${word}`);
    first[index] = start ?? 0;
    later[index] = next ?? 0;
  }
  const whole = counter.encode(words[0]!);
  const bare = counter.encodeBare(words[0]!);
  const at = Math.max(0, whole.indexOf(bare[0]!));
  return { head: whole.slice(0, at), tail: whole.slice(at + bare.length), first, later };
}
