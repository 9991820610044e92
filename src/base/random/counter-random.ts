/**
 * Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3" (SC'11). A counter-based generator is a pure function of (key, counter), so that any
 * worker can compute any draw without the draws before it.
 */
const PARITY = 0x1bd11bda;

/** The two words of one block. Overwritten by the next call; copy what you keep. */
const block = new Uint32Array(2);

/** One random stream: a seed and a name, e.g. `stream(42, 'pacing/main')`. */
export interface RandomStream {
  readonly key0: number;
  readonly key1: number;
}

export function randomStream(seed: number, name: string): RandomStream {
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  return { key0: seed >>> 0, key1: (hash ^ Math.imul(high, 0x9e3779b1)) >>> 0 };
}

/** 32 random bits at `counter` (an integer from 0 to 2^53). */
export function randomUint32(stream: RandomStream, counter: number): number {
  draw(stream, counter);
  return block[0]!;
}

/** A double in [0, 1) with 53 random bits at `counter`. */
export function randomUniform(stream: RandomStream, counter: number): number {
  draw(stream, counter);
  return ((block[0]! >>> 5) * 2 ** 26 + (block[1]! >>> 6)) / 2 ** 53;
}

/** An exponential draw with mean 1 at `counter`, by inversion; 0 is possible, infinity is not. */
export function randomExponential(stream: RandomStream, counter: number): number {
  return 0 - Math.log(1 - randomUniform(stream, counter));
}

/** An integer in [0, bound) at `counter`; bound below 2^32, bias below bound / 2^53. */
export function randomBelow(stream: RandomStream, counter: number, bound: number): number {
  return Math.floor(randomUniform(stream, counter) * bound);
}

function draw(stream: RandomStream, counter: number): void {
  threefry2x32(stream.key0, stream.key1, counter >>> 0, Math.floor(counter / 2 ** 32));
}

/** The raw block function, exported for its known-answer test. */
export function threefry2x32(
  key0: number,
  key1: number,
  counter0: number,
  counter1: number,
): Uint32Array {
  const key2 = PARITY ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let group = 0; group < 5; group++) {
    if ((group & 1) === 0) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0;
    } else {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0;
    }
    const injection = group + 1;
    x0 = (x0 + keyWord(injection % 3, key0, key1, key2)) | 0;
    x1 = (x1 + keyWord((injection + 1) % 3, key0, key1, key2) + injection) | 0;
  }
  block[0] = x0;
  block[1] = x1;
  return block;
}

function keyWord(index: number, key0: number, key1: number, key2: number): number {
  if (index === 0) return key0;
  return index === 1 ? key1 : key2;
}
