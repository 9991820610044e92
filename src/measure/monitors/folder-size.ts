import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder with more files and folders than this is not added up: it takes a second of one core. */
const FILES_LIMIT = 50_000;

/** Asked about at once, so that neither memory nor the thread pool fills up. */
const BATCH_FILES = 16;

/** POSIX leaves it open; Linux, macOS and Windows all count `st_blocks` in these: stat(2). */
const BLOCK_BYTES = 512;

/**
 * What a folder takes on its disk, as `du` counts it: allocated blocks, those of folders too, and
 * what has several names once. What vanishes meanwhile does not count; links are not followed.
 * Rejects where the folder itself is gone, or holds more than can be counted in the time there is.
 */
export async function allocatedBytes(folder: string, filesLimit = FILES_LIMIT): Promise<number> {
  const linked = new Set<string>();
  let blocks = (await lstat(folder, { bigint: true })).blocks;
  let files = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const entries = await entriesOf(next);
    files += entries.length;
    if (files > filesLimit) throw new Error(`it holds more than ${filesLimit} files`);
    for (let from = 0; from < entries.length; from += BATCH_FILES) {
      const paths = entries.slice(from, from + BATCH_FILES).map(({ name }) => join(next, name));
      for (const stat of await Promise.all(paths.map(statOf))) {
        if (stat !== undefined && isFirst(stat, linked)) blocks += stat.blocks;
      }
    }
    for (const entry of entries) if (entry.isDirectory()) folders.push(join(next, entry.name));
  }
  return Number(blocks) * BLOCK_BYTES;
}

/** Only what has several names is remembered. */
function isFirst({ dev, ino, nlink }: BigIntStats, linked: Set<string>): boolean {
  if (nlink === 1n) return true;
  const key = `${dev}:${ino}`;
  const isNew = !linked.has(key);
  linked.add(key);
  return isNew;
}

function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(orNothing([]));
}

function statOf(path: string): Promise<BigIntStats | undefined> {
  return lstat(path, { bigint: true }).catch(orNothing(undefined));
}

/** In place of what was removed, or replaced by something else, since its name was read. */
function orNothing<Nothing>(nothing: Nothing): (thrown: NodeJS.ErrnoException) => Nothing {
  return (thrown) => {
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return nothing;
    throw thrown;
  };
}
