import { randomBytes } from './random.ts';

/** Bodies repeat one block of this many seeded bytes: byte i of any body is byte i mod 65,536. */
export const blockBytes = 65_536;

/** The block twice in a row: a piece of up to `blockBytes` can be cut at any place of the first. */
export function createBlock(seed: number): Buffer {
  const block = randomBytes(seed, blockBytes);
  return Buffer.concat([block, block]);
}
