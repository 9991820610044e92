import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';
import { MAX_COLUMNS } from './limits.ts';
import { textRows } from './line-rows.ts';
import type { Row, RowSlice, RowSource } from './row-source.ts';
import { findLines, readTextFile } from './text-file.ts';

/**
 * Reads a file of JSON objects, one a line. All are looked at when the file is opened, so that a
 * broken one ends a run before it starts. Throws DATA_NOT_READABLE and DATA_NOT_USABLE.
 */
export async function openJsonRows(
  feeder: string,
  file: string,
  slice: RowSlice,
): Promise<RowSource> {
  const bytes = await readTextFile(feeder, file);
  const places = findLines(bytes, slice, { feeder, file });
  const fields = new Set<string>();
  for (let index = 0; index < places.count; index++) {
    const row = parseRow(places.text(bytes, index));
    const reason = typeof row === 'string' ? row : addFields(fields, row);
    if (reason === undefined) continue;
    const line = bytes.toString('latin1', 0, places.start(index)).split('\n').length;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: `${file}:${line}`, reason });
  }
  const row = (index: number): Row => JSON.parse(places.text(bytes, index)) as Row;
  return textRows(bytes, { rowCount: places.count, fields: [...fields], row });
}

/** The row, or why it is none. */
function parseRow(text: string): Row | string {
  try {
    const value: unknown = JSON.parse(text);
    const isRow = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isRow ? (value as Row) : 'a row is a JSON object, and this line is something else';
  } catch (error) {
    return `this line is no JSON: ${reasonOf(error)}`;
  }
}

function addFields(fields: Set<string>, row: Row): string | undefined {
  for (const field of Object.keys(row)) fields.add(field);
  return fields.size > MAX_COLUMNS ? `it has more than ${MAX_COLUMNS} fields` : undefined;
}
