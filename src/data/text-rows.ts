import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { randomBelow, randomStream } from '../base/random/counter-random.ts';
import { fitTokens } from './fit-tokens.ts';
import { syllableLexicon, tokenizerLexicon, type Lexicon } from './lexicon.ts';
import type { RowSlice, RowSource } from './row-source.ts';
import { openTokenCounter, type TokenCounter } from './token-counter.ts';

/**
 * Texts are counted again after they were made until this many tokens were counted, at 2 µs a
 * token. When all of those were right, the words add up in this tokenizer, and the rest is known
 * from its words; when one was not, every text is counted.
 */
const RECOUNTED_TOKENS = 200_000;
/** Draws that belong to one row of the random stream. */
const DRAWS_PER_ROW = 2 ** 21;

export interface TextRowsOptions {
  readonly tokens: number;
  /** The path of a tokenizer; without one, words count as tokens. */
  readonly tokenizer: string | undefined;
  readonly seed: number;
  readonly slice: RowSlice;
}

/**
 * Texts of exactly `tokens` tokens, row by row a function of (seed, name, row). They are made up
 * front: making one takes from 5 µs to a millisecond, which would be charged to the server if it
 * happened between two requests. Throws DATA_NOT_READABLE and DATA_NOT_USABLE.
 */
export async function openTextRows(
  name: string,
  { tokens, tokenizer, seed, slice }: TextRowsOptions,
): Promise<RowSource> {
  const counter = tokenizer === undefined ? undefined : await openTokenCounter(name, tokenizer);
  const wordTokens = tokens - (counter?.added ?? 0);
  if (wordTokens < 1) {
    const reason = `it adds ${counter!.added} tokens to every text, which leaves none of ${tokens} for words`;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder: name, source: tokenizer!, reason });
  }
  const lexicon = counter ? tokenizerLexicon(counter) : syllableLexicon();
  const writer = new TextWriter({ name, tokenizer, tokens, wordTokens, seed, lexicon, counter });
  const rows = Array.from({ length: slice.rows }, (_, index) => ({
    text: writer.text(slice.skip + index),
    tokens,
  }));
  return { rowCount: rows.length, fields: ['text', 'tokens'], row: (index) => rows[index]! };
}

interface TextWriterParts {
  readonly name: string;
  readonly tokenizer: string | undefined;
  readonly tokens: number;
  readonly wordTokens: number;
  readonly seed: number;
  readonly lexicon: Lexicon;
  readonly counter: TokenCounter | undefined;
}

class TextWriter {
  readonly #parts: TextWriterParts;
  readonly #stream: ReturnType<typeof randomStream>;
  #addsUp: boolean;
  #recounted = 0;

  constructor(parts: TextWriterParts) {
    this.#parts = parts;
    this.#stream = randomStream(parts.seed, `data/${parts.name}/text`);
    this.#addsUp = parts.lexicon.exact;
  }

  text(row: number): string {
    const { lexicon, wordTokens, counter } = this.#parts;
    const wordCount = Math.max(1, Math.round(wordTokens / lexicon.tokensPerWord));
    const words = Array.from({ length: wordCount }, (_, index) => this.#word(row, index));
    const text = words.join(' ');
    if (!counter || (this.#addsUp && this.#recounted >= RECOUNTED_TOKENS)) return text;
    return this.#recount(row, text, counter);
  }

  #recount(row: number, text: string, counter: TokenCounter): string {
    const { tokens, name, tokenizer = '' } = this.#parts;
    this.#recounted += tokens;
    if (counter.count(text) === tokens) return text;
    this.#addsUp = false;
    const fitted = fitTokens(text, {
      tokens,
      count: counter.count,
      word: (index) => this.#word(row, DRAWS_PER_ROW / 2 + index),
    });
    if (fitted !== undefined) return fitted;
    const reason = `no text of exactly ${tokens} tokens was found`;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder: name, source: tokenizer, reason });
  }

  #word(row: number, index: number): string {
    const { words } = this.#parts.lexicon;
    return words[randomBelow(this.#stream, row * DRAWS_PER_ROW + index, words.length)]!;
  }
}
