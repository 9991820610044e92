import { deflateSync } from 'node:zlib';
import type { Histogram } from './histogram.ts';

/** V2 with counts of 64 bits (org.HdrHistogram.AbstractHistogram). */
const COOKIE = 0x1c849313;
const COMPRESSED_COOKIE = 0x1c849314;
const HEADER_BYTES = 40;
const SIGNIFICANT_DIGITS = 3;
/** Of a count in ZigZag LEB128 that a double holds exactly. */
const LONGEST_NUMBER = 8;
/**
 * Small windows: a histogram of a second has some kilobytes, and an inflater takes any. Clearing
 * the tables of the largest would take longer than all the rest.
 */
const DEFLATE = { level: 4, windowBits: 12, memLevel: 5 } as const;

let scratch = Buffer.alloc(4096);

/**
 * A histogram in the compressed V2 encoding of HdrHistogram, as base64: what stands in a line of
 * an interval log. Written straight from the cells, which are those of HdrHistogram one for one;
 * filling a histogram of the library first took most of the time that a second's row costs.
 */
export function encodeHistogram(histogram: Histogram): string {
  const plain = encodePlain(histogram);
  const deflated = deflateSync(plain, DEFLATE);
  const compressed = Buffer.allocUnsafe(8 + deflated.length);
  compressed.writeInt32BE(COMPRESSED_COOKIE, 0);
  compressed.writeInt32BE(deflated.length, 4);
  deflated.copy(compressed, 8);
  return compressed.toString('base64');
}

/** Valid until the next call. */
function encodePlain(histogram: Histogram): Buffer {
  const { layout } = histogram;
  let at = HEADER_BYTES;
  let nextCell = 0;
  histogram.forEachCell((cell, count) => {
    makeRoom(at);
    // A run of empty cells is its length, negative; a single one is the count that it has.
    const empty = cell - nextCell;
    if (empty > 0) at = writeZigZag(empty === 1 ? 0 : -empty, at);
    at = writeZigZag(count, at);
    nextCell = cell + 1;
  });
  if (nextCell === 0) at = writeZigZag(0, at);
  scratch.writeInt32BE(COOKIE, 0);
  scratch.writeInt32BE(at - HEADER_BYTES, 4);
  scratch.writeInt32BE(0, 8);
  scratch.writeInt32BE(SIGNIFICANT_DIGITS, 12);
  scratch.writeBigInt64BE(BigInt(layout.lowestDiscernibleNs), 16);
  scratch.writeBigInt64BE(BigInt(layout.highestTrackableNs), 24);
  scratch.writeDoubleBE(1, 32);
  return scratch.subarray(0, at);
}

function makeRoom(at: number): void {
  if (at + 2 * LONGEST_NUMBER <= scratch.length) return;
  const larger = Buffer.alloc(scratch.length * 2);
  scratch.copy(larger);
  scratch = larger;
}

/** 0, -1, 1, -2, 2 … as 0, 1, 2, 3, 4 …, seven bits a byte, the lowest first. */
function writeZigZag(value: number, from: number): number {
  let at = from;
  // Counts of an hour at full rate need more than 32 bits, and so no bit operators.
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  while (rest >= 128) {
    scratch[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  scratch[at++] = rest;
  return at;
}
