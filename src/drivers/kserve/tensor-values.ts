import { FIXED_DATATYPES, type DatatypeName } from './datatypes.ts';
import { elementsOf } from './tensor.ts';

const LENGTH_BYTES = 4;

/**
 * Why these bytes are no tensor of that datatype and shape; undefined where they are. For BYTES
 * each element's length is followed.
 */
export function misfitOf(
  datatype: DatatypeName,
  shape: readonly number[],
  bytes: Buffer,
): string | undefined {
  const count = elementsOf(shape);
  if (datatype !== 'BYTES') {
    const wanted = count * FIXED_DATATYPES[datatype].elementBytes;
    if (bytes.length === wanted) return undefined;
    return `${bytes.length} bytes, where ${datatype} [${shape.join(', ')}] has ${wanted}`;
  }
  let at = 0;
  let found = 0;
  while (at + LENGTH_BYTES <= bytes.length) {
    at += LENGTH_BYTES + bytes.readUInt32LE(at);
    found++;
  }
  if (at === bytes.length && found === count) return undefined;
  return `${bytes.length} bytes that are not the ${count} elements of BYTES [${shape.join(', ')}]`;
}

/** The elements of a tensor, flat: BYTES as UTF-8 text, 64-bit integers as bigint where too large. */
export function valuesOf(datatype: DatatypeName, bytes: Buffer): readonly unknown[] {
  if (datatype === 'BYTES') return textsOf(bytes);
  const { elementBytes, get } = FIXED_DATATYPES[datatype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: unknown[] = [];
  for (let at = 0; at < bytes.length; at += elementBytes) values.push(get(view, at));
  return values;
}

function textsOf(bytes: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const from = at + LENGTH_BYTES;
    at = from + bytes.readUInt32LE(at);
    texts.push(bytes.toString('utf8', from, at));
  }
  return texts;
}
