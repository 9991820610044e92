import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { MAX_GENERATED_TOKENS } from '../limits.ts';
import type { Row, RowSlice, RowSource } from '../row-source.ts';
import { openLength, type Length, type GeneratorContext } from './drawn.ts';
import { TokenTexts } from './token-texts.ts';

/** Texts are counted after they were made until this many tokens were: see `TokenTexts.verify`. */
const COUNTED_TOKENS = 200_000;

export interface TextRowsOptions {
  readonly tokens: Length;
  /** The path of a tokenizer; without one, words count as tokens. */
  readonly tokenizer: string | undefined;
  readonly slice: RowSlice;
}

/**
 * Texts of exactly `tokens` tokens, row by row a function of (seed, name, row). They are made up
 * front: making one takes from 5 µs to a millisecond, which would be charged to the server if it
 * happened between two requests. Throws DATA_NOT_READABLE and DATA_NOT_USABLE.
 */
export async function openTextRows(
  { tokens, tokenizer, slice }: TextRowsOptions,
  context: GeneratorContext,
): Promise<RowSource> {
  const { feeder: name } = context;
  const texts = await TokenTexts.open(name, { tokenizer, seed: context.seed });
  const length = await openLength(tokens, 'tokens', context);
  checkRoom(name, texts, { tokens, tokenizer });
  const places = Array.from({ length: slice.rows }, (_, index) => {
    const row = slice.skip + index;
    return { row, position: row, tokens: Math.max(texts.fewest, length(row, row)) };
  });
  const made = places.reduce((sum, place) => sum + place.tokens, 0);
  if (made > MAX_GENERATED_TOKENS) {
    const reason = `its texts have ${made} tokens, and ${MAX_GENERATED_TOKENS} are kept at most`;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder: name, source: 'text', reason });
  }
  texts.verify(places, COUNTED_TOKENS);
  const rows = places.map((place): Row => ({ text: texts.text(place), tokens: place.tokens }));
  return { rowCount: rows.length, fields: ['text', 'tokens'], row: (index) => rows[index]! };
}

/** A length that is always the same and too short is a slip; of drawn ones it is made enough. */
function checkRoom(
  feeder: string,
  { fewest, added }: TokenTexts,
  { tokens, tokenizer }: Pick<TextRowsOptions, 'tokens' | 'tokenizer'>,
): void {
  if (typeof tokens !== 'number' || tokens >= fewest) return;
  const reason = `it adds ${added} tokens to every text, which leaves none of ${tokens} for words`;
  throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: tokenizer!, reason });
}
