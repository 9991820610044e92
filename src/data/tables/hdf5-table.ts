import type { Dataset, File } from 'h5wasm/node';
import { MAX_DIMENSION } from '../limits.ts';
import { DatasetFile, notUsable } from './dataset-file.ts';
import type { Numbers, NumberTable } from './number-table.ts';

const SIGNATURE = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Numbers that are read at once: they pass through the memory of the library. */
const BLOCK_NUMBERS = 2 ** 18;

/** An HDF5 file as ann-benchmarks and others write them. */
export interface Hdf5File {
  /** Names and shapes of the data sets at its top. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Attributes that are texts or numbers: `distance`, `dimension`, `type`. */
  readonly attributes: Readonly<Record<string, string | number>>;
  /** A data set of two dimensions. Throws DATASET_NOT_USABLE. */
  table(name: string): NumberTable;
  close(): void;
}

/** Throws DATASET_NOT_READABLE and DATASET_NOT_USABLE. */
export async function openHdf5(path: string): Promise<Hdf5File> {
  checkSignature(path);
  // 4 MB of WebAssembly: loaded by whoever reads HDF5, and nobody else.
  const library = await import('h5wasm/node');
  const module = await library.ready;
  // Errors come as exceptions and not as text on standard error.
  module.activate_throwing_error_handler();
  const open = (): File => new library.File(path, 'r');
  const file = asUnusable(path, 'it is damaged or cut off', open);
  const shapes: Record<string, readonly number[]> = {};
  for (const name of file.keys()) {
    const entity = asUnusable(path, `${name} cannot be read`, () => file.get(name));
    if (entity instanceof library.Dataset) shapes[name] = entity.shape ?? [];
  }
  return {
    shapes,
    attributes: attributesOf(file),
    table(name) {
      const shape = shapes[name];
      if (shape?.length === 2) {
        return new Hdf5Table(path, file.get(name) as Dataset, { name, shape });
      }
      const known = Object.keys(shapes).join(', ') || 'none';
      const found = shape === undefined ? `it has ${known}` : `its shape is [${shape.join(', ')}]`;
      throw notUsable(path, `expected a data set ${name} of two dimensions; ${found}`);
    },
    close: () => file.close(),
  };
}

function checkSignature(path: string): void {
  const file = new DatasetFile(path);
  const head = file.head(SIGNATURE.length);
  file.close();
  if (!head.equals(SIGNATURE)) throw notUsable(path, 'it does not begin as an HDF5 file does');
}

function attributesOf(file: File): Record<string, string | number> {
  const found: Record<string, string | number> = {};
  for (const [name, attribute] of Object.entries(file.attrs)) {
    const value: unknown = attribute.json_value;
    if (typeof value === 'string' || typeof value === 'number') found[name] = value;
  }
  return found;
}

function asUnusable<Result>(path: string, what: string, attempt: () => Result): Result {
  try {
    return attempt();
  } catch (error) {
    throw notUsable(path, `${what}: ${firstLine(error)}`, error);
  }
}

/** The library tells its whole stack. */
function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0]!.trim();
}

class Hdf5Table implements NumberTable {
  readonly file: string;
  readonly form: string;
  readonly rowCount: number;
  readonly dimension: number;
  readonly #name: string;
  readonly #dataset: Dataset;

  constructor(
    file: string,
    dataset: Dataset,
    { name, shape }: { readonly name: string; readonly shape: readonly number[] },
  ) {
    this.file = file;
    this.#name = name;
    this.#dataset = dataset;
    this.form = `hdf5, ${typeName(dataset)}`;
    this.rowCount = shape[0]!;
    this.dimension = shape[1]!;
    if (this.dimension >= 1 && this.dimension <= MAX_DIMENSION) return;
    throw notUsable(file, `${name} has rows of ${this.dimension} numbers`);
  }

  read(first: number, into: Numbers): void {
    const rows = into.length / this.dimension;
    const rowsAtOnce = Math.max(1, Math.floor(BLOCK_NUMBERS / this.dimension));
    for (let done = 0; done < rows; done += rowsAtOnce) {
      const from = first + done;
      const to = Math.min(from + rowsAtOnce, first + rows);
      const what = `rows ${from} to ${to - 1} of ${this.#name} cannot be read`;
      const read = asUnusable(this.file, what, () => this.#dataset.slice([[from, to], []]));
      this.#copy(read, into, done * this.dimension);
    }
  }

  /** The file stays open for the other data sets in it. */
  close(): void {}

  #copy(read: unknown, into: Numbers, at: number): void {
    if (read instanceof BigInt64Array || read instanceof BigUint64Array) {
      for (let i = 0; i < read.length; i++) into[at + i] = Number(read[i]);
    } else if (ArrayBuffer.isView(read)) {
      into.set(read as unknown as ArrayLike<number>, at);
    } else {
      throw notUsable(this.file, `${this.#name} does not hold numbers`);
    }
  }
}

function typeName(dataset: Dataset): string {
  const { type, signed, size } = dataset.metadata;
  // H5T_FLOAT and H5T_INTEGER (H5Tpublic.h).
  if (type === 1) return `float${size * 8}`;
  return type === 0 ? `${signed ? 'int' : 'uint'}${size * 8}` : 'not of numbers';
}
