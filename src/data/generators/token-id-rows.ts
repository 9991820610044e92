import { randomStream } from '../../base/random/counter-random.ts';
import { RandomSequence } from '../../base/random/random-sequence.ts';
import type { RowSlice, RowSource } from '../row-source.ts';
import { openLength, type GeneratorContext, type Length } from './drawn.ts';

export interface TokenIdRowsOptions {
  readonly tokens: Length;
  /** Ids lie below it. */
  readonly vocabulary: number;
  readonly slice: RowSlice;
}

/** Lists of token ids as a model takes them: each id as likely as any other. */
export async function openTokenIdRows(
  { tokens, vocabulary, slice }: TokenIdRowsOptions,
  context: GeneratorContext,
): Promise<RowSource> {
  const length = await openLength(tokens, 'tokens', context);
  const ids = new RandomSequence(randomStream(context.seed, `data/${context.feeder}/ids`));
  return {
    rowCount: slice.rows,
    fields: ['tokens', 'length'],
    row(index, position = index) {
      const row = slice.skip + index;
      const count = length(row, position);
      ids.restart(row);
      const list: number[] = [];
      for (let at = 0; at < count; at++) list.push(ids.below(vocabulary));
      return { tokens: list, length: count };
    },
  };
}
