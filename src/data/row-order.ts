import { randomStream } from '../base/random/counter-random.ts';
import { Permutation } from './permutation.ts';

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
