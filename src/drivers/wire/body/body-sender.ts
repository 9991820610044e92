import { read } from 'node:fs';
import { PIECE_BYTES, type BodyFiles, type OpenFile } from './body-files.ts';

/** A piece of a body that is not sent at once with the head. */
export type BodyPart = Buffer | FilePart;

/** A whole file; its size was read when the head was made. */
export interface FilePart {
  readonly path: string;
  readonly byteLength: number;
}

/** Where the pieces go: a connection, or a stream of one. */
export interface BodyTarget {
  /** `whenWritten` is called once nothing of the piece waits any more. */
  write(piece: Buffer, whenWritten: () => void): void;
}

/**
 * Sends the parts of a body one after another. The next piece is read when the kernel has taken
 * the one before, so that an upload holds one piece in memory however slowly the server reads.
 */
export class BodySender {
  /** Bytes that have not been handed to the connection. */
  unsentBytes: number;

  readonly #target: BodyTarget;
  readonly #parts: readonly BodyPart[];
  readonly #files: BodyFiles;
  /** A file could not be read, or holds less than it did. */
  readonly #failed: (reason: string) => void;
  #index = 0;
  #file: OpenFile | undefined;
  #offset = 0;
  #buffer: Buffer | undefined;
  /** Reading, or waiting for the kernel: the buffer is not free. */
  #isBusy = false;
  #isStopped = false;

  constructor(
    target: BodyTarget,
    parts: readonly BodyPart[],
    files: BodyFiles,
    failed: (reason: string) => void,
  ) {
    this.#target = target;
    this.#parts = parts;
    this.#files = files;
    this.#failed = failed;
    this.unsentBytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  }

  start(): void {
    const part = this.#parts[this.#index];
    if (part === undefined) this.stop();
    else if (Buffer.isBuffer(part)) {
      this.#index++;
      this.#write(part);
    } else this.#readFrom(part);
  }

  /** Nothing more is sent, and the failure of nothing is told. */
  stop(): void {
    this.#isStopped = true;
    if (this.#isBusy) return;
    if (this.#file !== undefined) this.#files.release(this.#file);
    if (this.#buffer !== undefined) this.#files.giveBuffer(this.#buffer);
    this.#file = undefined;
    this.#buffer = undefined;
  }

  #readFrom(part: FilePart): void {
    try {
      this.#file ??= this.#files.acquire(part.path);
    } catch (error) {
      this.#fail(part, error);
      return;
    }
    this.#buffer ??= this.#files.takeBuffer();
    const bytes = Math.min(PIECE_BYTES, part.byteLength - this.#offset);
    this.#isBusy = true;
    read(this.#file.descriptor, this.#buffer, 0, bytes, this.#offset, (error, byteCount) => {
      this.#isBusy = false;
      if (this.#isStopped) this.stop();
      else if (error !== null) this.#fail(part, error);
      else if (byteCount === 0) this.#failShort(part);
      else this.#sendPiece(part, byteCount);
    });
  }

  #sendPiece(part: FilePart, byteCount: number): void {
    this.#offset += byteCount;
    if (this.#offset === part.byteLength) {
      this.#files.release(this.#file!);
      this.#file = undefined;
      this.#offset = 0;
      this.#index++;
    }
    this.#write(this.#buffer!.subarray(0, byteCount));
  }

  #write(piece: Buffer): void {
    this.unsentBytes -= piece.length;
    this.#isBusy = true;
    this.#target.write(piece, () => {
      this.#isBusy = false;
      if (this.#isStopped) this.stop();
      else this.start();
    });
  }

  #fail({ path }: FilePart, error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    this.stop();
    this.#failed(`the body file ${path} cannot be read: ${code ?? String(error)}`);
  }

  #failShort({ path, byteLength }: FilePart): void {
    this.stop();
    this.#failed(`the body file ${path} holds less than its ${byteLength} bytes`);
  }
}
