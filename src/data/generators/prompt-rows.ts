import type { Row, RowSlice, RowSource } from '../row-source.ts';
import { openLength, type GeneratorContext, type Length, type RowValue } from './drawn.ts';
import { TokenTexts, type TextPlace } from './token-texts.ts';

/** Prompts that are counted when a feeder is opened: up to so many, and so many tokens. */
const COUNTED_PROMPTS = 16;
const COUNTED_TOKENS = 20_000;

export interface PromptRowsOptions {
  /** Of the part after the prefix, with those that the tokenizer adds. */
  readonly tokens: Length;
  readonly outputTokens: Length | undefined;
  /** The path of a tokenizer; without one, words count as tokens. */
  readonly tokenizer: string | undefined;
  readonly prefix: { readonly groups: number; readonly tokens: number } | undefined;
  readonly salt: boolean;
  readonly slice: RowSlice;
}

/**
 * Prompts of exactly so many tokens. They are made when they are read, from words that are one
 * token each (30 µs for 1,000 of them), so that no two need be equal however many there are. A
 * tokenizer without such words is asked again and again, at milliseconds a prompt.
 */
export async function openPromptRows(
  { tokens, outputTokens, tokenizer, prefix, salt, slice }: PromptRowsOptions,
  context: GeneratorContext,
): Promise<RowSource> {
  const { feeder, seed } = context;
  const texts = await TokenTexts.open(feeder, { tokenizer, seed, prefix, salt });
  const length = await openLength(tokens, 'tokens', context);
  const output =
    outputTokens === undefined
      ? undefined
      : await openLength(outputTokens, 'output-tokens', context);
  const placeAt = (index: number, position: number): TextPlace => {
    const row = slice.skip + index;
    const asked = length(row, position) + (prefix?.tokens ?? 0);
    return { row, position, tokens: Math.max(texts.fewest, asked) };
  };
  texts.verify(firstPlaces(placeAt, slice.rows), COUNTED_TOKENS);
  return {
    rowCount: slice.rows,
    fields: ['text', 'tokens', 'tokenIds', ...(output ? ['outputTokens'] : [])],
    row: (index, position = index) => {
      const place = placeAt(index, position);
      return promptRow(texts, place, output);
    },
  };
}

function* firstPlaces(
  placeAt: (index: number, position: number) => TextPlace,
  rows: number,
): Iterable<TextPlace> {
  for (let index = 0; index < Math.min(rows, COUNTED_PROMPTS); index++) yield placeAt(index, index);
}

/** Text and ids are made when one of them is read: most scenarios send either. */
function promptRow(texts: TokenTexts, place: TextPlace, output: RowValue<number> | undefined): Row {
  let text: string | undefined;
  let ids: number[] | undefined;
  const row = {
    tokens: place.tokens,
    get text(): string {
      return (text ??= texts.text(place));
    },
    get tokenIds(): number[] {
      return (ids ??= texts.ids(place));
    },
  };
  if (output === undefined) return row;
  return Object.defineProperty(row, 'outputTokens', {
    value: output(place.row, place.position),
    enumerable: true,
  });
}
