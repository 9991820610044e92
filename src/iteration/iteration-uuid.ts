import { randomStream, threefry2x32 } from '../base/random/counter-random.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * The UUID of an iteration as a function of (seed, phase, flow, iteration): the same run sends the
 * same ones, on any number of workers. Version 8 (RFC 9562 §5.8), 122 bits from the generator.
 */
export function iterationUuids(
  seed: number,
  flow: number,
): (phase: number, iteration: number) => string {
  const streams = [0, 1].map((phase) => randomStream(seed, `iteration/${phase}/${flow}`));
  return (phase, iteration) => {
    const { key0, key1 } = streams[phase]!;
    const low = (iteration * 2) >>> 0;
    const high = Math.floor((iteration * 2) / 2 ** 32);
    // The generator hands out one block, overwritten by its next call.
    const block = threefry2x32(key0, key1, low, high);
    const start = `${hex(block[0]!)}-${hex16(block[1]! >>> 16)}-${hex16(version8(block[1]!))}`;
    threefry2x32(key0, key1, low + 1, high);
    const variant = ((block[0]! >>> 16) & 0x3fff) | 0x8000;
    return `${start}-${hex16(variant)}-${hex16(block[0]! & 0xffff)}${hex(block[1]!)}`;
  };
}

function version8(word: number): number {
  return (word & 0x0fff) | 0x8000;
}

function hex(word: number): string {
  return hex16(word >>> 16) + hex16(word & 0xffff);
}

function hex16(word: number): string {
  return HEX[word >>> 8]! + HEX[word & 0xff]!;
}
