import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** Files that are kept open although nobody sends them now. */
export const OPEN_FILES_LIMIT = 64;
/** Files whose sizes are remembered. */
export const KNOWN_SIZES_LIMIT = 65_536;
/** What one reading takes from a file, and so what an upload holds in memory. */
export const PIECE_BYTES: number = 64 * 1024;
/** Buffers that are kept for the next upload. */
const SPARE_BUFFERS_LIMIT = 64;

/** A file that is being sent. */
export interface OpenFile {
  readonly path: string;
  readonly descriptor: number;
}

/** The files that requests of one target send, and the buffers they are read into. */
export class BodyFiles {
  readonly #folder: string;
  readonly #sizes = new Map<string, number>();
  /** By path, the one that was used last at the end. */
  readonly #open = new Map<string, OpenFile & { users: number }>();
  readonly #spare: Buffer[] = [];

  /** Paths are relative to `folder`. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Files that are open now. */
  get openCount(): number {
    return this.#open.size;
  }

  /** What a file holds, looked up once. Throws where there is no such file. */
  sizeOf(path: string): number {
    const known = this.#sizes.get(path);
    if (known !== undefined) return known;
    const status = statSync(resolve(this.#folder, path));
    if (!status.isFile()) throw new Error('this is no file');
    if (this.#sizes.size >= KNOWN_SIZES_LIMIT) this.#sizes.clear();
    this.#sizes.set(path, status.size);
    return status.size;
  }

  pathOf(path: string): string {
    return resolve(this.#folder, path);
  }

  read(path: string): Buffer {
    return readFileSync(this.pathOf(path));
  }

  /** Whoever acquires a file releases it. Throws where it cannot be opened. */
  acquire(path: string): OpenFile {
    let file = this.#open.get(path);
    this.#open.delete(path);
    file ??= { path, descriptor: openSync(resolve(this.#folder, path), 'r'), users: 0 };
    this.#open.set(path, file);
    file.users++;
    this.#closeSurplus();
    return file;
  }

  release({ path }: OpenFile): void {
    const file = this.#open.get(path);
    if (file !== undefined) file.users--;
    this.#closeSurplus();
  }

  takeBuffer(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
  }

  giveBuffer(buffer: Buffer): void {
    if (this.#spare.length < SPARE_BUFFERS_LIMIT) this.#spare.push(buffer);
  }

  /** Closes what nobody sends. */
  close(): void {
    this.#closeUnused(0);
  }

  #closeSurplus(): void {
    if (this.#open.size > OPEN_FILES_LIMIT) this.#closeUnused(OPEN_FILES_LIMIT);
  }

  #closeUnused(limit: number): void {
    for (const [path, { descriptor, users }] of this.#open) {
      if (this.#open.size <= limit) return;
      if (users > 0) continue;
      this.#open.delete(path);
      closeSync(descriptor);
    }
  }
}
