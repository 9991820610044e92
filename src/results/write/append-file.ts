import { closeSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { writeAll } from './write-document.ts';
import { writing } from './not-writable.ts';

/**
 * A file that only grows. Every append is in the kernel's hands when the call returns, so that it
 * survives a kill of the process at any moment. An append that fails half way is taken back, so
 * that what stands in the file stays readable.
 */
export class AppendFile {
  readonly path: string;
  #file: number;
  #bytes = 0;

  /** Refuses a file that is there already: a run never writes into the files of another. */
  constructor(path: string) {
    this.path = path;
    this.#file = writing(path, () => openSync(path, 'ax'));
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  append(text: string | Uint8Array): void {
    writing(this.path, () => {
      try {
        writeAll(this.#file, text);
      } catch (thrown) {
        this.#takeBack();
        throw thrown;
      }
    });
    this.#bytes += typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  }

  /** Flushes to the disk and closes; calling it twice does nothing. */
  close(): void {
    if (this.#file < 0) return;
    const file = this.#file;
    this.#file = -1;
    writing(this.path, () => {
      try {
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    });
  }

  #takeBack(): void {
    try {
      ftruncateSync(this.#file, this.#bytes);
    } catch {
      // A torn last line is tolerated by every reader; the first error is the one to report.
    }
  }
}
