import { randomUniform, type RandomStream } from './counter-random.ts';

/** Counters that one gamma draw may use: three a try, and a try fails one time in twenty at most. */
const GAMMA_COUNTERS = 64;

/** A draw with mean 0 and standard deviation 1 at `counter`: Box and Muller, from two uniforms. */
export function randomNormal(stream: RandomStream, counter: number): number {
  return normalFrom(randomUniform(stream, 2 * counter), randomUniform(stream, 2 * counter + 1));
}

/**
 * A gamma draw with mean 1 and a coefficient of variation `cv` at `counter` (up to 2^47).
 * Marsaglia and Tsang, "A simple method for generating gamma variables" (ACM TOMS 26, 2000); for a
 * shape below 1 by their note on it, from the shape one higher. Tries that fail take the next
 * counters of a block of their own, so that a draw stays a function of its counter.
 */
export function randomGamma(stream: RandomStream, counter: number, cv: number): number {
  const shape = 1 / (cv * cv);
  const first = counter * GAMMA_COUNTERS;
  if (shape >= 1) return standardGamma(stream, first, shape) / shape;
  const boost = Math.pow(1 - randomUniform(stream, first), 1 / shape);
  return (standardGamma(stream, first + 1, shape + 1) * boost) / shape;
}

/** With scale 1, for a shape of 1 at least. */
function standardGamma(stream: RandomStream, first: number, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (let at = first; at + 3 <= first + GAMMA_COUNTERS - 1; at += 3) {
    const x = normalFrom(randomUniform(stream, at), randomUniform(stream, at + 1));
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - randomUniform(stream, at + 2);
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
  // After 21 tries, once in 10^27 draws.
  return d;
}

function normalFrom(one: number, other: number): number {
  return Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * other);
}
