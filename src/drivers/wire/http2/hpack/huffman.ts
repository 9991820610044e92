/**
 * Lengths in bits of the codes of the bytes 0 to 255, and of the end of a string (RFC 7541,
 * appendix B). The code is canonical, so that the lengths are all there is to know: codes of one
 * length are consecutive numbers in the order of their bytes.
 */
// prettier-ignore
const CODE_BITS: readonly number[] = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];

const END_OF_STRING = 256;
/** Nodes of the tree have two places each: a node's number, or a byte below zero. */
const TREE = decodingTree();

/**
 * Decodes a Huffman-coded string into `into` from its beginning; returns how many bytes that are.
 * -1 where it is none, or longer than `into`.
 */
export function decodeHuffman(bytes: Buffer, from: number, to: number, into: Buffer): number {
  let length = 0;
  let node = 0;
  let padding = 0;
  let paddingIsOnes = true;
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    for (let bit = 7; bit >= 0; bit--) {
      const isOne = (byte >> bit) & 1;
      padding++;
      if (isOne === 0) paddingIsOnes = false;
      const next = TREE[node + isOne]!;
      if (next >= 0) {
        node = next;
        continue;
      }
      const symbol = ~next;
      if (symbol === END_OF_STRING || length === into.length) return -1;
      into[length++] = symbol;
      node = 0;
      padding = 0;
      paddingIsOnes = true;
    }
  }
  // Section 5.2: what is left is the beginning of the end's code, and less than a byte of it.
  return padding < 8 && paddingIsOnes ? length : -1;
}

function decodingTree(): Int32Array {
  const tree: number[] = [0, 0];
  let code = 0;
  let bitsBefore = 0;
  const symbols = CODE_BITS.map((bits, symbol) => ({ bits, symbol }));
  for (const { bits, symbol } of symbols.toSorted((a, b) => a.bits - b.bits)) {
    code *= 2 ** (bits - bitsBefore);
    bitsBefore = bits;
    plant(tree, { code, bits, symbol });
    code++;
  }
  return Int32Array.from(tree);
}

interface Code {
  readonly code: number;
  readonly bits: number;
  readonly symbol: number;
}

function plant(tree: number[], { code, bits, symbol }: Code): void {
  let node = 0;
  for (let bit = bits - 1; bit > 0; bit--) {
    const place = node + ((code >> bit) & 1);
    if (tree[place] === 0) tree[place] = tree.push(0, 0) - 2;
    node = tree[place]!;
  }
  tree[node + (code & 1)] = ~symbol;
}
