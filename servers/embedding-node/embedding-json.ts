import type { Engine } from './engine.ts';

/** "-0.123456," at most; vectors have length 1, so no number needs more than one leading digit. */
const bytesPerNumber = 10;

const head = Buffer.from('{"embeddings":[');

const comma = 0x2c;
const dot = 0x2e;
const minus = 0x2d;
const zero = 0x30;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** "000" to "999", three bytes each: six decimals are two look-ups. */
const threeDigits = Buffer.from(
  Array.from({ length: 1_000 }, (_, value) => String(value).padStart(3, '0')).join(''),
);

/**
 * The answer's JSON with every number rounded to six decimals. Written by hand because
 * `JSON.stringify` searches the shortest form of each double: that took longer than the embedding
 * itself (figures in README.md).
 */
export function embeddingsToJson(
  embeddings: readonly Float32Array[],
  { model, dimensions }: Pick<Engine, 'model' | 'dimensions'>,
): Buffer {
  const tail = Buffer.from(`],"model":${JSON.stringify(model)},"dim":${dimensions}}`);
  const most = head.length + tail.length + embeddings.length * (dimensions * bytesPerNumber + 3);
  const bytes = Buffer.allocUnsafe(most);
  let at = head.copy(bytes, 0);
  for (const [index, embedding] of embeddings.entries()) {
    if (index > 0) bytes[at++] = comma;
    at = writeVector(bytes, at, embedding);
  }
  at += tail.copy(bytes, at);
  return bytes.subarray(0, at);
}

function writeVector(bytes: Buffer, start: number, vector: Float32Array): number {
  let at = start;
  bytes[at++] = openBracket;
  for (let index = 0; index < vector.length; index++) {
    if (index > 0) bytes[at++] = comma;
    const value = vector[index]!;
    const millionths = Math.round(Math.abs(value) * 1e6);
    if (value < 0 && millionths > 0) bytes[at++] = minus;
    at = writeMillionths(bytes, at, millionths);
  }
  bytes[at++] = closeBracket;
  return at;
}

function writeMillionths(bytes: Buffer, start: number, millionths: number): number {
  const whole = millionths >= 1_000_000 ? 1 : 0;
  const fraction = millionths - whole * 1_000_000;
  const upper = Math.trunc(fraction / 1_000);
  const upperAt = upper * 3;
  const lowerAt = (fraction - upper * 1_000) * 3;
  bytes[start] = zero + whole;
  bytes[start + 1] = dot;
  bytes[start + 2] = threeDigits[upperAt]!;
  bytes[start + 3] = threeDigits[upperAt + 1]!;
  bytes[start + 4] = threeDigits[upperAt + 2]!;
  bytes[start + 5] = threeDigits[lowerAt]!;
  bytes[start + 6] = threeDigits[lowerAt + 1]!;
  bytes[start + 7] = threeDigits[lowerAt + 2]!;
  return start + 8;
}
