import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { BoundedQueue } from '../bounded-queue.ts';
import type { DeliveryCount } from '../delivery-count.ts';

/** Rows that may wait for a file system that is slow. */
const ROWS_WAITING = 256;

/** O_NONBLOCK: opening or writing a pipe that nobody reads fails at once, where it would wait. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK;

/** Appends text to a file without ever waiting for it. */
export class LineFile {
  readonly #file: FileHandle;
  readonly #queue: BoundedQueue<string>;
  #isEmpty: boolean;

  private constructor(file: FileHandle, isEmpty: boolean, count: DeliveryCount) {
    this.#file = file;
    this.#isEmpty = isEmpty;
    this.#queue = new BoundedQueue<string>(ROWS_WAITING, count, async (text) => {
      await writeWhole(file, text);
    });
  }

  /** Rejects where it cannot be opened. */
  static async open(path: string, count: DeliveryCount): Promise<LineFile> {
    const file = await open(path, FLAGS, 0o644);
    const { size } = await file.stat();
    return new LineFile(file, size === 0, count);
  }

  /** `heading` goes before the first row of a file that was empty. */
  append(row: string, heading = ''): void {
    this.#queue.push(this.#isEmpty ? `${heading}${row}` : row);
    this.#isEmpty = false;
  }

  settle(): Promise<void> {
    return this.#queue.settle();
  }

  giveUp(): void {
    this.#queue.giveUp();
  }

  async close(): Promise<void> {
    this.#queue.close();
    await this.#file.close().catch(() => {});
  }
}

/** A write may take a part only; the rest of a row must not be left out. */
async function writeWhole(file: FileHandle, text: string): Promise<void> {
  const bytes = Buffer.from(text, 'utf8');
  for (let written = 0; written < bytes.length;) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}
