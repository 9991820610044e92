import type { AsyncBuffer, ColumnMetaData, DecodedArray, SchemaTree } from 'hyparquet';
import { reasonOf } from '../../base/errors/loadgen-error.ts';
import { PARQUET_COMPRESSORS } from '../parquet-compressors.ts';
import { DatasetFile, notUsable } from './dataset-file.ts';

/** Enough for the header of any page without statistics of long texts. */
const MAX_HEADER_BYTES = 64 * 2 ** 10;

/** A parquet file whose columns are read a page at a time, however large its row groups are. */
export interface ParquetPages {
  readonly rowCount: number;
  /** Names of the columns at the top. */
  readonly columns: readonly string[];
  /** The values of a column, some at a time, in order. Throws DATASET_NOT_USABLE. */
  values(column: string): AsyncGenerator<ArrayLike<unknown>>;
}

/** Throws DATASET_NOT_READABLE and DATASET_NOT_USABLE. */
export async function openParquetPages(path: string): Promise<ParquetPages> {
  new DatasetFile(path).close();
  const { asyncBufferFromFile, parquetMetadataAsync, parquetSchema } = await import('hyparquet');
  const buffer = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(buffer).catch((error: unknown) => {
    const reason = `it is no parquet file, or cut off: ${reasonOf(error)}`;
    throw notUsable(path, reason, error);
  });
  const tree = parquetSchema(metadata);
  async function* values(column: string): AsyncGenerator<ArrayLike<unknown>> {
    for (const { columns } of metadata.row_groups) {
      const meta = columns.find(({ meta_data: data }) => data?.path_in_schema[0] === column);
      if (meta?.meta_data === undefined) throw notUsable(path, `it has no column ${column}`);
      yield* pagesOf(path, { buffer, tree, meta: meta.meta_data });
    }
  }
  return {
    rowCount: Number(metadata.num_rows),
    columns: tree.children.map(({ element }) => element.name),
    values,
  };
}

interface Chunk {
  readonly buffer: AsyncBuffer;
  readonly tree: SchemaTree;
  readonly meta: ColumnMetaData;
}

/** A row of a list may go on in the next page: the last one of each waits for it. */
async function* pagesOf(
  path: string,
  { buffer, tree, meta }: Chunk,
): AsyncGenerator<ArrayLike<unknown>> {
  const { parquetHeader, readPage } = await import('hyparquet/src/column.js');
  const { convert, DEFAULT_PARSERS } = await import('hyparquet/src/convert.js');
  const { getTreePath, isFlatColumn } = await import('hyparquet/src/schema.js');
  const schemaPath = getTreePath(tree, meta.path_in_schema);
  const decoder = {
    ...meta,
    pathInSchema: meta.path_in_schema,
    element: schemaPath.at(-1)!.element,
    schemaPath,
    compressors: PARQUET_COMPRESSORS,
    parsers: DEFAULT_PARSERS,
  };
  const isFlat = isFlatColumn(schemaPath);
  const { dictionary_page_offset: dictionaryAt, data_page_offset: dataAt } = meta;
  let at = Number(dictionaryAt && dictionaryAt < dataAt ? dictionaryAt : dataAt);
  const end = at + Number(meta.total_compressed_size);
  let dictionary: DecodedArray | undefined;
  let waiting: unknown[] | undefined;
  while (at < end) {
    const head = await slice(path, buffer, at, Math.min(end, at + MAX_HEADER_BYTES));
    const reader = { view: new DataView(head), offset: 0 };
    const header = parquetHeader(reader);
    at += reader.offset;
    const page = await slice(path, buffer, at, at + header.compressed_page_size);
    at += header.compressed_page_size;
    const pageReader = { view: new DataView(page), offset: 0 };
    const before = isFlat ? undefined : waiting;
    const { data } = readPage(pageReader, header, decoder, dictionary, before, 0);
    if (header.type === 'DICTIONARY_PAGE') {
      if (data !== undefined) dictionary = convert(data, decoder);
    } else if (isFlat) {
      yield data ?? [];
    } else {
      const rows = (data ?? []) as unknown[];
      waiting = rows.splice(rows.length - 1);
      yield rows;
    }
  }
  if (waiting !== undefined) yield waiting;
}

async function slice(
  path: string,
  buffer: AsyncBuffer,
  start: number,
  end: number,
): Promise<ArrayBuffer> {
  if (end <= buffer.byteLength) return buffer.slice(start, end);
  const wanted = `a page of ${end - start} bytes at byte ${start}`;
  throw notUsable(path, `expected ${wanted}, found its end at ${buffer.byteLength}`);
}
