import { LoadgenError } from '../base/errors/loadgen-error.ts';
import { MAX_LINES } from './limits.ts';

/** Where the rows of a text stand in its bytes: eight bytes a row, however long it is. */
export class RowPlaces {
  count = 0;
  readonly #source: { readonly feeder: string; readonly file: string };
  #starts = new Uint32Array(1024);
  #ends = new Uint32Array(1024);

  constructor(source: { readonly feeder: string; readonly file: string }) {
    this.#source = source;
  }

  /** Throws DATA_NOT_USABLE for one more than there may be. */
  add(start: number, end: number): void {
    if (this.count === MAX_LINES) throw tooManyRows(this.#source);
    if (this.count === this.#starts.length) {
      this.#starts = doubled(this.#starts);
      this.#ends = doubled(this.#ends);
    }
    this.#starts[this.count] = start;
    this.#ends[this.count++] = end;
  }

  text(bytes: Buffer, row: number): string {
    return bytes.toString('utf8', this.#starts[row], this.#ends[row]);
  }

  start(row: number): number {
    return this.#starts[row]!;
  }
}

function tooManyRows({ feeder, file }: { feeder: string; file: string }): LoadgenError {
  const reason = `it has more than ${MAX_LINES} rows; take a part of it with \`rows\``;
  return new LoadgenError('DATA_NOT_USABLE', { feeder, source: file, reason });
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
