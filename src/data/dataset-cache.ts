import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';
import { DatasetFile } from './tables/dataset-file.ts';

/** Files up to this size are hashed whole, at a second a gigabyte; of larger ones samples are. */
const HASHED_WHOLE_BYTES = 256 * 2 ** 20;
const SAMPLE_BYTES = 2 ** 20;
const SAMPLES = 64;

/**
 * Where what was made of data sets is kept: `$XDG_CACHE_HOME/loadgen/datasets`, else under
 * `~/.cache`, else in the folder for temporary files.
 */
export function datasetCacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const { XDG_CACHE_HOME: cache, HOME: home } = environment;
  // The XDG specification has relative paths ignored.
  if (cache?.startsWith('/')) return join(cache, 'loadgen', 'datasets');
  return join(home ? join(home, '.cache') : tmpdir(), 'loadgen', 'datasets');
}

/** The path of an entry, whose folder is there. Throws DATASET_NOT_READABLE where it cannot be. */
export function cacheEntry(folder: string, name: string): string {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new LoadgenError('DATASET_NOT_READABLE', { file: folder, reason: reasonOf(error) });
  }
  return join(folder, name);
}

/** A name for content: equal for equal descriptions. */
export function contentKey(description: unknown): string {
  return createHash('sha256').update(JSON.stringify(description)).digest('hex').slice(0, 32);
}

/**
 * What tells one content of a file from another: the hash of all its bytes, or, of a large one, of
 * its size, its time of change and 64 samples of a mebibyte.
 */
export function fingerprint(path: string): string {
  const file = new DatasetFile(path);
  try {
    const hash = createHash('sha256').update(`${file.size}\n`);
    const block = new Uint8Array(SAMPLE_BYTES);
    const isWhole = file.size <= HASHED_WHOLE_BYTES;
    if (!isWhole) hash.update(`${statSync(path).mtimeMs}\n`);
    const step = isWhole ? SAMPLE_BYTES : Math.floor((file.size - SAMPLE_BYTES) / (SAMPLES - 1));
    for (let at = 0; at < file.size; at += step) {
      const part = block.subarray(0, Math.min(SAMPLE_BYTES, file.size - at));
      file.read(at, part);
      hash.update(part);
    }
    return hash.digest('hex').slice(0, 32);
  } finally {
    file.close();
  }
}
