import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { BIN_ELEMENTS, VECS_ELEMENTS } from './binary-tables.ts';
import { NpyWriter } from './npy-writer.ts';

/** Writes rows of equally many numbers, one after the other. */
export interface VectorWriter {
  /** Whole rows. */
  write(rows: Float32Array): void;
  /** Only now the file has its name. */
  close(): void;
  /** Leaves nothing behind. */
  abandon(): void;
}

/** Formats that vectors can be written in: by the ending of the file. */
export const WRITTEN_FORMATS = [
  ...Object.keys(VECS_ELEMENTS),
  ...Object.keys(BIN_ELEMENTS),
  'npy',
] as const;

type Integers = typeof Int32Array | typeof Uint8Array | typeof Int8Array;

const INTEGERS: Readonly<Record<string, Integers>> = {
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
};

/** The writer of one of `WRITTEN_FORMATS`. */
export function openVectorWriter(path: string, format: string, dimension: number): VectorWriter {
  if (format === 'npy') return new NpyWriter(path, { kind: '<f4', dimension });
  const elements: Readonly<Record<string, string>> = { ...VECS_ELEMENTS, ...BIN_ELEMENTS };
  const isVecs = format in VECS_ELEMENTS;
  return new BinaryWriter(path, { integers: INTEGERS[elements[format]!], isVecs, dimension });
}

interface BinaryLayout {
  /** Undefined for floats. */
  readonly integers: Integers | undefined;
  /** Each row begins with its dimension; else the file does, with the number of rows. */
  readonly isVecs: boolean;
  readonly dimension: number;
}

class BinaryWriter implements VectorWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #layout: BinaryLayout;
  readonly #descriptor: number;
  #position: number;
  #rows = 0;

  constructor(path: string, layout: BinaryLayout) {
    this.#path = path;
    this.#temporary = `${path}.${process.pid}.part`;
    this.#layout = layout;
    this.#descriptor = openSync(this.#temporary, 'w');
    this.#position = layout.isVecs ? 0 : 8;
  }

  write(rows: Float32Array): void {
    const { dimension, isVecs } = this.#layout;
    for (let at = 0; at < rows.length; at += dimension) {
      const row = this.#encoded(rows.subarray(at, at + dimension));
      if (isVecs) this.#append(bytesOf(Int32Array.of(dimension)));
      this.#append(bytesOf(row));
      this.#rows++;
    }
  }

  close(): void {
    const { dimension, isVecs } = this.#layout;
    if (!isVecs)
      writeSync(this.#descriptor, bytesOf(Uint32Array.of(this.#rows, dimension)), 0, 8, 0);
    closeSync(this.#descriptor);
    renameSync(this.#temporary, this.#path);
  }

  abandon(): void {
    closeSync(this.#descriptor);
    rmSync(this.#temporary, { force: true });
  }

  /** Throws a RangeError for what the format cannot hold: nothing is rounded without a word. */
  #encoded(row: Float32Array): ArrayBufferView {
    const { integers } = this.#layout;
    if (integers === undefined) return row;
    const encoded = integers.from(row);
    const at = encoded.findIndex((value, index) => value !== row[index]);
    if (at < 0) return encoded;
    const kind = integers.name.replace('Array', '').toLowerCase();
    throw new RangeError(`row ${this.#rows} has the number ${row[at]}, which no ${kind} is`);
  }

  #append(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) {
      const left = bytes.length - written;
      written += writeSync(this.#descriptor, bytes, written, left, this.#position + written);
    }
    this.#position += bytes.length;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
