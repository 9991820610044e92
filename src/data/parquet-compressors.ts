import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';

/** What hyparquet does not bring itself (it has snappy), by Node's own. */
export const PARQUET_COMPRESSORS = {
  GZIP: (input: Uint8Array): Uint8Array => gunzipSync(input),
  BROTLI: (input: Uint8Array): Uint8Array => brotliDecompressSync(input),
  ZSTD: (input: Uint8Array): Uint8Array => zstdDecompressSync(input),
};
