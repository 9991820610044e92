import { addTextFeatures } from './features.ts';
import { addFeature, dimensions, normalise } from './projection.ts';

export const modelName = 'hashed-ngrams-384';

const fallbackSeed = 0x165667b1;

/** Embeds one text as a vector of length 1. Equal texts give equal vectors on every machine. */
export function embed(text: string): Float32Array {
  const sums = new Float32Array(dimensions);
  const normalisedText = text.normalize('NFKC').toLowerCase();
  const words = addTextFeatures(sums, normalisedText);
  // A text without words, or whose features cancel out, still needs a direction of its own.
  if (words === 0 || !normalise(sums)) {
    addFeature(sums, hashOf(normalisedText), 1);
    normalise(sums);
  }
  return sums;
}

function hashOf(text: string): number {
  let hash = fallbackSeed;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash;
}
