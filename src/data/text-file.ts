import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import { RowPlaces } from './row-places.ts';
import type { RowSlice } from './row-source.ts';

/**
 * Up to this size rows are kept as values: a row costs 20 ns and not 100 to 200, or 1 µs for lines
 * of 2,000 characters. Above it they are decoded from the file's bytes when they are read: millions
 * of strings would take several times the memory, and time of every garbage collection.
 */
export const KEPT_AS_VALUES_BYTES: number = 8 * 2 ** 20;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = '\ufeff';

/** The bytes of a data file of text. Throws DATA_NOT_READABLE. */
export async function readTextFile(feeder: string, file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    const bytes = await readFile(file);
    if (!isUtf8(bytes)) throw new Error('it is not UTF-8 text');
    return bytes;
  } catch (error) {
    throw new LoadgenError('DATA_NOT_READABLE', { feeder, file, reason: readFailure(error) });
  }
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
};

/** Why a file could not be read, in words. */
export function readFailure(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return READ_FAILURES[code ?? ''] ?? reasonOf(error);
}

/** Lines that are not empty. Throws DATA_NOT_USABLE where there are more than may be. */
export function findLines(
  bytes: Buffer,
  { skip, rows }: RowSlice,
  source: { readonly feeder: string; readonly file: string },
): RowPlaces {
  const places = new RowPlaces(source);
  let seen = 0;
  let start = textStart(bytes);
  while (start < bytes.length && places.count < rows) {
    const next = lineEnd(bytes, start);
    const end = withoutReturn(bytes, start, next);
    if (end > start && seen++ >= skip) places.add(start, end);
    start = next + 1;
  }
  return places;
}

/** Where the line feed of a line stands, or the end of the file. */
export function lineEnd(bytes: Buffer, start: number): number {
  const lineFeed = bytes.indexOf(LINE_FEED, start);
  return lineFeed < 0 ? bytes.length : lineFeed;
}

/** The end of a line without its carriage return. */
export function withoutReturn(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
}

/** After the byte order mark, where there is one. */
export function textStart(bytes: Buffer): number {
  return bytes.toString('utf8', 0, 3) === BYTE_ORDER_MARK ? 3 : 0;
}
