import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';
import { MAX_COLUMNS, MAX_JSON_BYTES } from './limits.ts';
import { textRows } from './line-rows.ts';
import type { Row, RowSlice, RowSource } from './row-source.ts';
import { findLines, readTextFile, textStart } from './text-file.ts';

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

/**
 * Reads a file that is one JSON list of objects, all of it into memory. Throws DATA_NOT_READABLE and
 * DATA_NOT_USABLE.
 */
export async function openJsonList(
  feeder: string,
  file: string,
  { skip, rows }: RowSlice,
): Promise<RowSource> {
  const bytes = await readTextFile(feeder, file);
  const unusable = (source: string, reason: string): LoadgenError =>
    new LoadgenError('DATA_NOT_USABLE', { feeder, source, reason });
  if (bytes.length > MAX_JSON_BYTES) {
    const reason = `a list may have ${MAX_JSON_BYTES} bytes; write an object a line (format: jsonl)`;
    throw unusable(file, reason);
  }
  const all = parseList(bytes.toString('utf8', textStart(bytes)));
  if (typeof all === 'string') throw unusable(file, all);
  const used = all.slice(skip, skip + rows);
  const fields = new Set<string>();
  for (const [index, value] of used.entries()) {
    const reason = isRow(value) ? addFields(fields, value) : 'a row is a JSON object';
    if (reason !== undefined) throw unusable(`${file}, row ${skip + index + 1}`, reason);
  }
  const row = (index: number): Row => used[index] as Row;
  return { rowCount: used.length, fields: [...fields], row };
}

/** The values of the list, or why there are none. */
function parseList(text: string): readonly unknown[] | string {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : 'it is no JSON list of objects';
  } catch (error) {
    return `it is no JSON: ${reasonOf(error)}`;
  }
}

/** The row, or why it is none. */
function parseRow(text: string): Row | string {
  try {
    const value: unknown = JSON.parse(text);
    return isRow(value) ? value : 'a row is a JSON object, and this line is something else';
  } catch (error) {
    return `this line is no JSON: ${reasonOf(error)}`;
  }
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function addFields(fields: Set<string>, row: Row): string | undefined {
  for (const field of Object.keys(row)) fields.add(field);
  return fields.size > MAX_COLUMNS ? `it has more than ${MAX_COLUMNS} fields` : undefined;
}
