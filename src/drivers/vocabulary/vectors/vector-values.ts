import { ExpressionError } from '../../../base/expressions/expression-error.ts';

/**
 * The numbers of a vector as 32-bit floats, which is what all these servers keep. Throws for what
 * is no vector, and for NaN and infinities, which some servers take and then never find again.
 */
export function floatsOf(value: unknown): Float32Array {
  if (!(value instanceof Float32Array) && !Array.isArray(value)) {
    throw new ExpressionError(`${describe(value)} is no vector`, { text: 'vector' });
  }
  const floats = value instanceof Float32Array ? value : Float32Array.from(value as number[]);
  for (let i = 0; i < floats.length; i++) {
    // Only NaN and the infinities differ from themselves when multiplied by 0.
    if (floats[i]! * 0 !== 0) {
      const shown = String((value as ArrayLike<unknown>)[i]);
      throw new ExpressionError(`number ${i} of the vector is ${shown}`, { text: 'vector' });
    }
  }
  if (floats.length === 0) throw new ExpressionError('the vector is empty', { text: 'vector' });
  return floats;
}

/** Little-endian bytes of the floats; a view where the machine is little-endian, as all ours are. */
export function bytesOf(floats: Float32Array): Buffer {
  return Buffer.from(floats.buffer, floats.byteOffset, floats.byteLength);
}

/**
 * A float as decimal text: nine significant digits tell every 32-bit float from its neighbours
 * (IEEE 754-2008, section 5.12.2), where JavaScript's shortest text of the double needs up to 17.
 */
export function floatText(value: number): string {
  return String(Number(value.toPrecision(9)));
}

function describe(value: unknown): string {
  return value === null || typeof value !== 'object' ? String(value) : 'what was given';
}
