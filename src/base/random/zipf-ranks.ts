import { randomUniform, type RandomStream } from './counter-random.ts';

/** Draws that belong to one value: each is taken with a probability above 0.7. */
const DRAWS = 64;

/** Below this distance from 1 the exponent counts as 1: the integral of the hat cancels there. */
const NEAR_ONE = 1e-9;

/**
 * Ranks 1 … `size` with probability ∝ 1 / rank^exponent (Zipf's law), as a function of the
 * position: rejection-inversion by Hörmann and Derflinger ("Rejection-inversion to generate
 * variates from monotone discrete distributions", 1996), which needs no table. With exponent 1 the
 * integral of the hat is the logarithm.
 */
export class ZipfRanks {
  readonly #size: number;
  readonly #stream: RandomStream;
  /** 0 where the exponent is 1. */
  readonly #power: number;
  readonly #exponent: number;
  readonly #from: number;
  readonly #to: number;

  constructor(size: number, stream: RandomStream, exponent = 1) {
    this.#size = size;
    this.#stream = stream;
    this.#exponent = exponent;
    this.#power = Math.abs(1 - exponent) < NEAR_ONE ? 0 : 1 - exponent;
    // H(1.5) − h(1), and H(size + 0.5), for h(x) = x^−s and H its integral.
    this.#from = this.#integral(1.5) - 1;
    this.#to = this.#integral(size + 0.5);
  }

  /** The rank at `position`, from 1. */
  at(position: number): number {
    for (let draw = 0; draw < DRAWS; draw++) {
      const uniform = randomUniform(this.#stream, position * DRAWS + draw);
      const area = this.#to + uniform * (this.#from - this.#to);
      const rank = Math.min(this.#size, Math.max(1, Math.round(this.#inverse(area))));
      if (area >= this.#integral(rank + 0.5) - Math.pow(rank, -this.#exponent)) return rank;
    }
    return 1;
  }

  #integral(x: number): number {
    return this.#power === 0 ? Math.log(x) : (Math.pow(x, this.#power) - 1) / this.#power;
  }

  #inverse(area: number): number {
    if (this.#power === 0) return Math.exp(area);
    return Math.pow(Math.max(0, 1 + area * this.#power), 1 / this.#power);
  }
}
