import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';
import { MAX_FILE_BYTES, MAX_LINES } from './feeder-schema.ts';
import type { RowSlice, RowSource } from './row-source.ts';

/**
 * Up to this size lines are kept as strings: a row costs 20 ns and not 100 to 200, or 1 µs for
 * lines of 2,000 characters. Above it they are decoded from the file's bytes when they are read:
 * millions of strings would take several times the memory, and time of every garbage collection.
 */
const KEPT_AS_STRINGS_BYTES = 8 * 2 ** 20;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = '\ufeff';

/** Reads a file of UTF-8 lines. Throws DATA_NOT_READABLE and DATA_NOT_USABLE. */
export async function openLineRows(
  feeder: string,
  file: string,
  slice: RowSlice,
): Promise<RowSource> {
  const bytes = await readBytes(feeder, file);
  if (!isUtf8(bytes)) {
    throw new LoadgenError('DATA_NOT_READABLE', { feeder, file, reason: 'it is not UTF-8 text' });
  }
  const lines = findLines(bytes, slice);
  if (lines === undefined) {
    const reason = `it has more than ${MAX_LINES} lines; take a part of it with \`rows\``;
    throw new LoadgenError('DATA_NOT_USABLE', { feeder, source: file, reason });
  }
  return bytes.length <= KEPT_AS_STRINGS_BYTES ? keptRows(bytes, lines) : decodedRows(bytes, lines);
}

async function readBytes(feeder: string, file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > MAX_FILE_BYTES) throw new Error(`it is larger than ${MAX_FILE_BYTES} bytes`);
    return await readFile(file);
  } catch (error) {
    throw new LoadgenError('DATA_NOT_READABLE', { feeder, file, reason: readFailure(error) });
  }
}

const READ_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
};

function readFailure(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return READ_FAILURES[code ?? ''] ?? reasonOf(error);
}

/** Where the lines of a slice begin and end. */
interface Lines {
  readonly count: number;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** Undefined when there are more lines than `MAX_LINES`. */
function findLines(bytes: Buffer, { skip, rows }: RowSlice): Lines | undefined {
  let starts = new Uint32Array(1024);
  let ends = new Uint32Array(1024);
  let count = 0;
  let seen = 0;
  let start = bytes.toString('utf8', 0, 3) === BYTE_ORDER_MARK ? 3 : 0;
  while (start < bytes.length && count < rows) {
    const lineFeed = bytes.indexOf(LINE_FEED, start);
    const next = lineFeed < 0 ? bytes.length : lineFeed;
    const end = next > start && bytes[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
    if (end > start && seen++ >= skip) {
      if (count === MAX_LINES) return undefined;
      if (count === starts.length) {
        starts = doubled(starts);
        ends = doubled(ends);
      }
      starts[count] = start;
      ends[count++] = end;
    }
    start = next + 1;
  }
  return { count, starts: starts.slice(0, count), ends: ends.slice(0, count) };
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}

function keptRows(bytes: Buffer, { count, starts, ends }: Lines): RowSource {
  const rows = Array.from({ length: count }, (_, index) => ({
    line: bytes.toString('utf8', starts[index], ends[index]),
  }));
  return { rowCount: count, fields: ['line'], row: (index) => rows[index]! };
}

function decodedRows(bytes: Buffer, { count, starts, ends }: Lines): RowSource {
  return {
    rowCount: count,
    fields: ['line'],
    row: (index) => ({ line: bytes.toString('utf8', starts[index], ends[index]) }),
  };
}
