import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import type { Row, RowSource } from '../row-source.ts';

/** The field `vector` of a row. Throws DATA_NOT_USABLE. */
export function vectorOf(
  feeder: string,
  source: RowSource,
  index: number,
  row: Row = source.row(index),
): Float32Array | readonly number[] {
  const { vector } = row;
  if (vector instanceof Float32Array) return vector;
  if (Array.isArray(vector) && vector.every((value) => typeof value === 'number')) return vector;
  const reason = `expected a list of numbers in the field vector of row ${index + 1}, found ${shown(vector)}`;
  throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: 'truth', reason });
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : (JSON.stringify(value)?.slice(0, 60) ?? typeof value);
}
