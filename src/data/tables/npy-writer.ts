import { closeSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

const HEADER_BYTES = 128;

export type NpyKind = '<f4' | '<f8' | '<i8';

/**
 * Writes an array of two dimensions as numpy does, row by row: the number of rows stands in the
 * header when it is closed. Nobody sees the file under its name before that.
 */
export class NpyWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #kind: NpyKind;
  readonly #dimension: number;
  readonly #descriptor: number;
  #rows = 0;
  #position = HEADER_BYTES;

  constructor(
    path: string,
    { kind, dimension }: { readonly kind: NpyKind; readonly dimension: number },
  ) {
    this.#path = path;
    this.#temporary = `${path}.${process.pid}.part`;
    this.#kind = kind;
    this.#dimension = dimension;
    this.#descriptor = openSync(this.#temporary, 'w');
  }

  /** Whole rows of it; ids as doubles for `<i8`. */
  write(rows: Float32Array | Float64Array): void {
    const values = this.#kind === '<i8' ? BigInt64Array.from(rows, BigInt) : rows;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    let written = 0;
    while (written < bytes.length) {
      written += writeSync(
        this.#descriptor,
        bytes,
        written,
        bytes.length - written,
        this.#position + written,
      );
    }
    this.#position += bytes.length;
    this.#rows += rows.length / this.#dimension;
  }

  close(): void {
    writeSync(this.#descriptor, this.#header(), 0, HEADER_BYTES, 0);
    closeSync(this.#descriptor);
    renameSync(this.#temporary, this.#path);
  }

  /** Leaves nothing behind. */
  abandon(): void {
    ftruncateSync(this.#descriptor, 0);
    closeSync(this.#descriptor);
    rmSync(this.#temporary, { force: true });
  }

  #header(): Buffer {
    const shape = `(${this.#rows}, ${this.#dimension})`;
    const text = `{'descr': '${this.#kind}', 'fortran_order': False, 'shape': ${shape}, }`;
    const header = Buffer.alloc(HEADER_BYTES, ' ');
    header.write('\x93NUMPY\x01\x00', 0, 'latin1');
    header.writeUInt16LE(HEADER_BYTES - 10, 8);
    header.write(text, 10, 'latin1');
    header.write('\n', HEADER_BYTES - 1, 'latin1');
    return header;
  }
}
