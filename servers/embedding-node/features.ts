import { addFeature } from './projection.ts';

const shortestGram = 3;
const longestGram = 5;

/** Different kinds of features must not share hashes: "the" is a word and also three letters. */
const wordSeed = 0x2545f491;
const wordPairSeed = 0x6c8e9cf5;
const gramSeed = 0x3c6ef372;

/** A word pair says less than the words themselves, which it repeats. */
const wordPairWeight = 0.5;
/** Short words are mostly grammar ("of", "the"); from this length on a word counts in full. */
const fullWeightLetters = 6;

const boundary = 0x1f;
const fnvPrime = 0x01000193;

/** One word between two boundary marks. Words beyond this length are cut: bound on one feature. */
const longestWord = 254;
const marked = new Uint16Array(longestWord + 2);

/**
 * Adds every feature of a text to `sums`: words, pairs of neighbouring words, and runs of 3 to 5
 * characters inside word boundaries. Returns the number of words found.
 */
export function addTextFeatures(sums: Float32Array, normalisedText: string): number {
  let words = 0;
  let previousWordHash = 0;
  let begin = 0;
  const end = normalisedText.length;
  while (begin < end) {
    begin = skip(normalisedText, begin, false);
    const wordEnd = skip(normalisedText, begin, true);
    if (wordEnd === begin) break;
    const letters = Math.min(wordEnd - begin, longestWord);
    const weight = Math.min(1, letters / fullWeightLetters);
    const wordHash = addWord(sums, normalisedText, begin, letters, weight);
    if (words > 0) {
      const pairHash = Math.imul(previousWordHash ^ wordPairSeed, fnvPrime) ^ wordHash;
      addFeature(sums, pairHash, wordPairWeight * weight);
    }
    previousWordHash = wordHash;
    words++;
    begin = wordEnd;
  }
  return words;
}

function addWord(
  sums: Float32Array,
  text: string,
  begin: number,
  letters: number,
  weight: number,
): number {
  let wordHash = wordSeed;
  marked[0] = boundary;
  for (let index = 0; index < letters; index++) {
    const unit = text.charCodeAt(begin + index);
    marked[index + 1] = unit;
    wordHash = Math.imul(wordHash ^ unit, fnvPrime);
  }
  marked[letters + 1] = boundary;
  addFeature(sums, wordHash, weight);
  addGrams(sums, letters + 2, weight);
  return wordHash;
}

function addGrams(sums: Float32Array, units: number, wordWeight: number): void {
  let grams = 0;
  for (let length = shortestGram; length <= longestGram; length++) {
    grams += Math.max(0, units - length + 1);
  }
  // All runs of a word together weigh as much as the word, however long it is.
  const weight = wordWeight / Math.sqrt(Math.max(1, grams));
  for (let start = 0; start + shortestGram <= units; start++) {
    let gramHash = gramSeed;
    const stop = Math.min(start + longestGram, units);
    for (let index = start; index < stop; index++) {
      gramHash = Math.imul(gramHash ^ marked[index]!, fnvPrime);
      if (index - start + 1 >= shortestGram) addFeature(sums, gramHash, weight);
    }
  }
}

const wordCharacter = /[\p{L}\p{M}\p{N}]/u;
const asciiIsWord = Uint8Array.from({ length: 128 }, (_, unit) =>
  wordCharacter.test(String.fromCharCode(unit)) ? 1 : 0,
);

/** The first position from `position` on at which being inside a word is no longer `insideWord`. */
function skip(text: string, position: number, insideWord: boolean): number {
  let index = position;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit < 128) {
      if ((asciiIsWord[unit] === 1) !== insideWord) return index;
      index++;
    } else {
      const character = String.fromCodePoint(text.codePointAt(index)!);
      if (wordCharacter.test(character) !== insideWord) return index;
      index += character.length;
    }
  }
  return index;
}
