import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { readFailure } from '../text-file.ts';

export function notUsable(file: string, reason: string, cause?: unknown): LoadgenError {
  return new LoadgenError('DATASET_NOT_USABLE', { file, reason }, { cause });
}

/** A file that is read at places, as a whole too large for memory. */
export class DatasetFile {
  readonly path: string;
  readonly size: number;
  readonly #descriptor: number;

  /** Throws DATASET_NOT_READABLE. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = openSync(path, 'r');
    } catch (error) {
      throw new LoadgenError('DATASET_NOT_READABLE', { file: path, reason: readFailure(error) });
    }
    const status = fstatSync(this.#descriptor);
    this.size = status.size;
    if (status.isFile()) return;
    this.close();
    const reason = status.isDirectory() ? 'it is a folder' : 'it is a pipe or a device';
    throw new LoadgenError('DATASET_NOT_READABLE', { file: path, reason });
  }

  /** Fills `into` from byte `position` on. Throws DATASET_NOT_USABLE where the file ends before. */
  read(position: number, into: Uint8Array): void {
    let filled = 0;
    while (filled < into.length) {
      const left = into.length - filled;
      const count = readSync(this.#descriptor, into, filled, left, position + filled);
      if (count === 0) {
        const wanted = `${left} bytes more at byte ${position + filled}`;
        throw notUsable(this.path, `expected ${wanted}, found its end`);
      }
      filled += count;
    }
  }

  /** The first bytes; fewer where the file is smaller. */
  head(bytes: number): Buffer {
    const head = Buffer.alloc(Math.min(bytes, this.size));
    this.read(0, head);
    return head;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
