import { threefry2x32, type RandomStream } from './counter-random.ts';

/** Steps after which every bit of the seed has reached every bit of the state. */
const MIXING_STEPS = 12;

/**
 * Many draws that belong to one counter of a stream, at a tenth of what a draw by its own counter
 * costs: sfc32 (Doty-Humphrey, "PractRand", 2010), seeded with the two words that the counter has
 * in its stream. `restart` takes it to another counter; nothing is allocated.
 */
export class RandomSequence {
  readonly #stream: RandomStream;
  #a = 0;
  #b = 0;
  #c = 0;
  #count = 1;
  /** The second normal draw of a pair; NaN where there is none. */
  #spare = Number.NaN;

  constructor(stream: RandomStream) {
    this.#stream = stream;
    this.restart(0);
  }

  restart(counter: number): this {
    const { key0, key1 } = this.#stream;
    const words = threefry2x32(key0, key1, counter >>> 0, Math.floor(counter / 2 ** 32));
    this.#a = words[0]! | 0;
    this.#b = words[1]! | 0;
    this.#c = key1 | 0;
    this.#count = 1;
    this.#spare = Number.NaN;
    for (let step = 0; step < MIXING_STEPS; step++) this.uint32();
    return this;
  }

  /** 32 random bits. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A double in [0, 1) with 32 random bits. */
  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  /** An integer in [0, bound); bound below 2^32, bias below bound / 2^32. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * bound);
  }

  /** Mean 0 and standard deviation 1, by Marsaglia's polar method (SIAM Review 6, 1964). */
  normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = Number.NaN;
      return spare;
    }
    for (;;) {
      const x = this.uint32() / 2 ** 31 - 1;
      const y = this.uint32() / 2 ** 31 - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = y * scale;
      return x * scale;
    }
  }
}
