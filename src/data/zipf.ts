import { randomUniform, type RandomStream } from '../base/random/counter-random.ts';

/** Draws that belong to one value: each is taken with a probability above 0.7. */
const DRAWS = 64;

/**
 * Ranks 1 … `size` with probability ∝ 1 / rank (Zipf's law with exponent 1), as a function of the
 * position: rejection-inversion by Hörmann and Derflinger ("Rejection-inversion to generate
 * variates from monotone discrete distributions", 1996), which needs no table. With exponent 1 the
 * integral of the hat is the logarithm.
 */
export class ZipfRanks {
  readonly #size: number;
  readonly #stream: RandomStream;
  readonly #from: number;
  readonly #to: number;

  constructor(size: number, stream: RandomStream) {
    this.#size = size;
    this.#stream = stream;
    // H(1.5) − h(1), and H(size + 0.5), for h(x) = 1 / x and H(x) = ln x.
    this.#from = Math.log(1.5) - 1;
    this.#to = Math.log(size + 0.5);
  }

  /** The rank at `position`, from 1. */
  at(position: number): number {
    for (let draw = 0; draw < DRAWS; draw++) {
      const uniform = randomUniform(this.#stream, position * DRAWS + draw);
      const area = this.#to + uniform * (this.#from - this.#to);
      const rank = Math.min(this.#size, Math.max(1, Math.round(Math.exp(area))));
      if (area >= Math.log(rank + 0.5) - 1 / rank) return rank;
    }
    return 1;
  }
}
