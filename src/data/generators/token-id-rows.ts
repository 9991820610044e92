import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { randomStream } from '../../base/random/counter-random.ts';
import { RandomSequence } from '../../base/random/random-sequence.ts';
import type { RowSlice, RowSource } from '../row-source.ts';
import {
  CHECKED_ROWS,
  openLength,
  openReference,
  type GeneratorContext,
  type Length,
  type Reference,
  type RowValue,
} from './drawn.ts';

/** Ids come in blocks that rows share: equal names, equal blocks. */
export interface TokenBlocks {
  /** A list of numbers or texts. */
  readonly names: Reference;
  /** Length of each. */
  readonly tokens: number;
}

export interface TokenIdRowsOptions {
  readonly tokens: Length;
  /** Ids lie below it. */
  readonly vocabulary: number;
  readonly blocks?: TokenBlocks;
  readonly slice: RowSlice;
}

/** Lists of token ids as a model takes them: each id as likely as any other. */
export async function openTokenIdRows(
  { tokens, vocabulary, blocks, slice }: TokenIdRowsOptions,
  context: GeneratorContext,
): Promise<RowSource> {
  const { seed, feeder } = context;
  const length = await openLength(tokens, 'tokens', context);
  const names = blocks && (await openNames(blocks, context));
  const rowIds = new RandomSequence(randomStream(seed, `data/${feeder}/ids`));
  const blockIds = openBlockIds(context);
  return {
    rowCount: slice.rows,
    fields: ['tokens', 'length'],
    row(index, position = index) {
      const row = slice.skip + index;
      const count = length(row, position);
      const list: number[] = [];
      const add = (ids: RandomSequence, end: number): void => {
        while (list.length < end) list.push(ids.below(vocabulary));
      };
      for (const name of names?.(row, position) ?? []) {
        if (list.length === count) break;
        add(blockIds(name), Math.min(list.length + blocks!.tokens, count));
      }
      add(rowIds.restart(row), count);
      return { tokens: list, length: count };
    },
  };
}

/** The beginning of the ids of a block: of numbers, as traces have them, no two are alike. */
function openBlockIds({
  seed,
  feeder,
}: GeneratorContext): (name: string | number) => RandomSequence {
  const numbered = new RandomSequence(randomStream(seed, `data/${feeder}/blocks`));
  return (name) =>
    Number.isSafeInteger(name) && Number(name) >= 0
      ? numbered.restart(Number(name))
      : new RandomSequence(randomStream(seed, `data/${feeder}/block/${name}`));
}

async function openNames(
  { names }: TokenBlocks,
  context: GeneratorContext,
): Promise<RowValue<readonly (string | number)[]>> {
  const { read, rowCount } = await openReference(names, context);
  const namesOf = (value: unknown): readonly (string | number)[] => {
    if (Array.isArray(value) && value.every(isName)) return value;
    const reason = `expected a list of numbers or texts, found ${JSON.stringify(value)}`;
    throw new LoadgenError('DATA_NOT_USABLE', {
      feeder: context.feeder,
      source: names.from,
      reason,
    });
  };
  // So that a broken row ends a run before it starts.
  for (let row = 0; row < Math.min(rowCount, CHECKED_ROWS); row++) namesOf(read(row));
  return (_, position) => namesOf(read(position));
}

function isName(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
