import { randomBelow, randomStream } from '../base/random/counter-random.ts';
import { Permutation } from '../base/random/permutation.ts';
import { ZipfRanks } from '../base/random/zipf-ranks.ts';

/** Which row comes at a position that counts on over all passes. */
export type RowOrder = (position: number) => number;

export interface RowOrderOptions {
  readonly rowCount: number;
  readonly seed: number;
  /** The feeder's name: feeders of one seed have orders of their own. */
  readonly name: string;
}

/** As they stand, pass after pass. */
export function sequentialOrder({ rowCount }: RowOrderOptions): RowOrder {
  return (position) => position % rowCount;
}

/** Every pass over the rows is a permutation of its own, a function of seed, name and pass. */
export function shuffledOrder({ rowCount, seed, name }: RowOrderOptions): RowOrder {
  const stream = randomStream(seed, `data/${name}/shuffle`);
  // Iterations in flight straddle the end of a pass, so that two passes are in use at a time.
  let pass = 0;
  let permutation = new Permutation(rowCount, stream, 0);
  let otherPass = 1;
  let other = new Permutation(rowCount, stream, 1);
  return (position) => {
    const wanted = Math.floor(position / rowCount);
    if (wanted !== pass) {
      const kept = permutation;
      const keptPass = pass;
      permutation = wanted === otherPass ? other : new Permutation(rowCount, stream, wanted);
      pass = wanted;
      other = kept;
      otherPass = keptPass;
    }
    return permutation.at(position - wanted * rowCount);
  };
}

/** Any row at any position, whatever came before. */
export function randomOrder({ rowCount, seed, name }: RowOrderOptions): RowOrder {
  const stream = randomStream(seed, `data/${name}/random`);
  return (position) => randomBelow(stream, position, rowCount);
}

/** The first rows are the popular ones: row r, from 1, comes with a probability ∝ 1 / r. */
export function zipfOrder({ rowCount, seed, name }: RowOrderOptions): RowOrder {
  const ranks = new ZipfRanks(rowCount, randomStream(seed, `data/${name}/zipf`));
  return (position) => ranks.at(position) - 1;
}

/** The ways to pick rows; `ends` where no row comes twice, so that they run out. */
export const ROW_ORDERS = {
  sequential: { order: sequentialOrder, ends: false, summary: 'as they stand, again and again.' },
  shuffle: {
    order: shuffledOrder,
    ends: false,
    summary: 'every pass over them in an order of its own that the seed decides.',
  },
  random: { order: randomOrder, ends: false, summary: 'any of them, as the seed decides.' },
  zipf: {
    order: zipfOrder,
    ends: false,
    summary: 'row r of n comes with a probability in proportion to 1/r, so the first ones often.',
  },
  once: {
    order: sequentialOrder,
    ends: true,
    summary: 'as they stand; the flow that reads them ends with them, and has no warm-up.',
  },
} as const satisfies Record<string, OrderDefinition>;

export type Pick = keyof typeof ROW_ORDERS;

interface OrderDefinition {
  readonly order: (options: RowOrderOptions) => RowOrder;
  readonly ends: boolean;
  readonly summary: string;
}
