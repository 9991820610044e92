import { randomUint32, type RandomStream } from './counter-random.ts';

/** Enough rounds that neither order nor neighbourhood of the rows survives; see the tests. */
const ROUNDS = 6;

/**
 * A permutation of 0 … size − 1 as a function: no table, however many rows there are. A Feistel
 * network over the smallest even number of bits that holds `size`, walked until it lands inside
 * (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002: cycle walking). At most four
 * steps of the walk are expected. Size at most 2^31.
 */
export class Permutation {
  readonly #size: number;
  readonly #halfBits: number;
  readonly #halfMask: number;
  readonly #keys: Uint32Array;

  /** Permutation number `number` of those that `stream` names. */
  constructor(size: number, stream: RandomStream, number: number) {
    this.#size = size;
    const bits = Math.max(2, Math.ceil(Math.log2(size)));
    this.#halfBits = Math.ceil(bits / 2);
    this.#halfMask = 2 ** this.#halfBits - 1;
    this.#keys = Uint32Array.from({ length: ROUNDS }, (_, round) =>
      randomUint32(stream, number * ROUNDS + round),
    );
  }

  /** Where `index` goes. */
  at(index: number): number {
    let place = index;
    do place = this.#encrypt(place);
    while (place >= this.#size);
    return place;
  }

  #encrypt(value: number): number {
    let left = value >>> this.#halfBits;
    let right = value & this.#halfMask;
    for (let round = 0; round < ROUNDS; round++) {
      const mixed = left ^ (mix(right ^ this.#keys[round]!) & this.#halfMask);
      left = right;
      right = mixed;
    }
    return ((left << this.#halfBits) | right) >>> 0;
  }
}

/** The finalizer of MurmurHash3 (Appleby, public domain): every input bit reaches every output. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
