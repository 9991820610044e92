/**
 * A counter-based generator: 32 random bits as a pure function of seed and counter, so that any
 * value can be drawn again without the ones before it.
 */
export function randomBits(seed: number, counter: number): number {
  let bits = Math.imul(counter, 0x9e3779b9) ^ Math.imul(seed, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}

/** `length` bytes of which byte i depends on nothing but the seed and i. */
export function randomBytes(seed: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => randomBits(seed, index) & 0xff));
}
