import type { Hash } from 'node:crypto';
import type { Plan } from './plan.ts';

const EVENT_BYTES = 8;
const CHUNK_EVENTS = 8192;

/** Feeds all events of a plan to `hash`, 8 bytes little-endian each, and returns their number. */
export function digestPlan(hash: Hash, plan: Plan): number {
  const chunk = new Uint8Array(CHUNK_EVENTS * EVENT_BYTES);
  const view = new DataView(chunk.buffer);
  const cursor = plan.cursor();
  let offset = 0;
  while (cursor.offsetNs !== Infinity) {
    view.setUint32(offset, cursor.offsetNs >>> 0, true);
    view.setUint32(offset + 4, Math.floor(cursor.offsetNs / 2 ** 32), true);
    offset += EVENT_BYTES;
    if (offset === chunk.length) {
      hash.update(chunk);
      offset = 0;
    }
    cursor.advance();
  }
  hash.update(chunk.subarray(0, offset));
  return cursor.index;
}
