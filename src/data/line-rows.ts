import type { Row, RowSlice, RowSource } from './row-source.ts';
import { findLines, KEPT_AS_VALUES_BYTES, readTextFile } from './text-file.ts';

/** Reads a file of UTF-8 lines. Throws DATA_NOT_READABLE and DATA_NOT_USABLE. */
export async function openLineRows(
  feeder: string,
  file: string,
  slice: RowSlice,
): Promise<RowSource> {
  const bytes = await readTextFile(feeder, file);
  const places = findLines(bytes, slice, { feeder, file });
  const row = (index: number): Row => ({ line: places.text(bytes, index) });
  return textRows(bytes, { rowCount: places.count, fields: ['line'], row });
}

/** Rows of a text: kept as values where it is small, decoded whenever they are read else. */
export function textRows(bytes: Buffer, source: RowSource): RowSource {
  if (bytes.length > KEPT_AS_VALUES_BYTES) return source;
  const rows = Array.from({ length: source.rowCount }, (_, index) => source.row(index));
  return { ...source, row: (index) => rows[index]! };
}
