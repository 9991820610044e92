/** Length of every embedding. */
export const dimensions = 384;

/**
 * Every feature owns this many ±1 entries of the projection matrix (Achlioptas' sparse random
 * projection). Eight of 384 keep two unrelated features nearly orthogonal.
 */
const entriesPerFeature = 8;

/**
 * Adds one hashed feature to `sums`. The feature's row of the projection matrix is not stored: it
 * is drawn again each time from a counter-based generator whose key is the feature's hash, so that
 * an unbounded vocabulary costs no memory.
 */
export function addFeature(sums: Float32Array, featureHash: number, weight: number): void {
  let counter = featureHash;
  for (let entry = 0; entry < entriesPerFeature; entry++) {
    counter = (counter + 0x9e3779b9) | 0;
    // lowbias32 by Chris Wellons: a bijection of 32 bits with a bias near the theoretical minimum.
    let drawn = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    drawn = Math.imul(drawn ^ (drawn >>> 15), 0x735a2d97);
    drawn ^= drawn >>> 15;
    // The upper half picks the column without a division, the lowest bit the sign.
    const column = ((drawn >>> 16) * dimensions) >>> 16;
    sums[column]! += (drawn & 1) === 1 ? weight : -weight;
  }
}

/** Scales `sums` to Euclidean length 1 in place; false when there is nothing to scale. */
export function normalise(sums: Float32Array): boolean {
  let squares = 0;
  for (let index = 0; index < sums.length; index++) squares += sums[index]! * sums[index]!;
  if (squares === 0) return false;
  const scale = 1 / Math.sqrt(squares);
  for (let index = 0; index < sums.length; index++) sums[index]! *= scale;
  return true;
}
