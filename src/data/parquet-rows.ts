import type { AsyncBuffer, FileMetaData } from 'hyparquet';
import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { MAX_PARQUET_CELLS } from './limits.ts';
import { PARQUET_COMPRESSORS } from './parquet-compressors.ts';
import type { Row, RowSlice, RowSource } from './row-source.ts';
import { readFailure } from './text-file.ts';

/**
 * Reads the columns of a parquet file, all of its slice into memory. Integers that a number holds
 * become numbers, points in time become ISO texts. Throws DATA_NOT_READABLE and DATA_NOT_USABLE.
 */
export async function openParquetRows(
  feeder: string,
  file: string,
  slice: RowSlice,
): Promise<RowSource> {
  // Loaded by whoever reads parquet, and nobody else.
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } =
    await import('hyparquet');
  const unusable = (reason: string): LoadgenError =>
    new LoadgenError('DATA_NOT_USABLE', { feeder, source: file, reason });
  const buffer = await openBuffer(feeder, file, asyncBufferFromFile);
  try {
    const metadata = await parquetMetadataAsync(buffer);
    const fields = fieldsOf(metadata);
    const rowEnd = Math.min(Number(metadata.num_rows), slice.skip + slice.rows);
    const rowStart = Math.min(slice.skip, rowEnd);
    if ((rowEnd - rowStart) * fields.length > MAX_PARQUET_CELLS) {
      throw unusable(
        `it has more than ${MAX_PARQUET_CELLS} values; take a part of it with \`rows\``,
      );
    }
    const read = { file: buffer, metadata, rowStart, rowEnd, compressors: PARQUET_COMPRESSORS };
    const rows = (await parquetReadObjects(read)).map((row) => plain(row) as Row);
    return { rowCount: rows.length, fields, row: (index) => rows[index]! };
  } catch (error) {
    if (error instanceof LoadgenError) throw error;
    throw unusable(`it is no parquet file that can be read: ${readFailure(error)}`);
  }
}

async function openBuffer(
  feeder: string,
  file: string,
  openFile: (file: string) => Promise<AsyncBuffer>,
): Promise<AsyncBuffer> {
  try {
    return await openFile(file);
  } catch (error) {
    throw new LoadgenError('DATA_NOT_READABLE', { feeder, file, reason: readFailure(error) });
  }
}

/** The columns at the top of the schema, whose first element is the root. */
function fieldsOf({ schema }: FileMetaData): readonly string[] {
  const fields: string[] = [];
  for (let at = 1; at < schema.length; at += sizeOf(schema, at)) fields.push(schema[at]!.name);
  return fields;
}

/** How many elements of the schema, which is a tree in preorder, belong to the one at `at`. */
function sizeOf(schema: FileMetaData['schema'], at: number): number {
  let size = 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child++) {
    size += sizeOf(schema, at + size);
  }
  return size;
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
