import { jsonText } from '../../base/expressions/value-text.ts';
import { DATATYPE_NAMES, FIXED_DATATYPES, type DatatypeName } from './datatypes.ts';

/** Of an element of BYTES: the length that stands before it. */
const LENGTH_BYTES = 4;

/** What a tensor is apart from its content. */
export interface TensorHead {
  readonly name: string;
  readonly datatype: DatatypeName;
  readonly shape: readonly number[];
}

/** A tensor whose content can be written into a request. */
export interface Tensor extends TensorHead {
  readonly byteLength: number;
  /** Writes `byteLength` bytes. */
  write(target: Buffer, at: number): void;
  /** The elements as a flat JSON list. */
  json(): string;
}

/**
 * The tensor with these elements: a value alone, a list nested as one likes, a typed array, or a
 * list of typed arrays. Throws an Error whose message says what of them does not fit.
 */
export function tensorOf(head: TensorHead, value: unknown): Tensor {
  const parts: ArrayLike<unknown>[] = [];
  const isBytes = head.datatype === 'BYTES';
  const isList = (part: unknown): boolean =>
    Array.isArray(part) || (!isBytes && isNumberArray(part));
  collectParts(value, parts, isList);
  const given = parts.reduce((sum, part) => sum + part.length, 0);
  const wanted = elementsOf(head.shape);
  if (given !== wanted) {
    throw new Error(`${given} elements, where shape [${head.shape.join(', ')}] has ${wanted}`);
  }
  return isBytes
    ? new BytesTensor(
        head,
        parts.flatMap((part) => Array.from(part)),
      )
    : new FixedTensor(head, FIXED_DATATYPES[head.datatype], parts);
}

/** The tensor in which every element is `value`. Throws as `tensorOf`. */
export function filledTensor(head: TensorHead, value: unknown): Tensor {
  return tensorOf(
    head,
    Array.from({ length: elementsOf(head.shape) }, () => value),
  );
}

/** The tensor with its content written out once. */
export function preparedTensor(tensor: Tensor): Tensor {
  const { name, datatype, shape, byteLength } = tensor;
  const bytes = Buffer.allocUnsafeSlow(byteLength);
  tensor.write(bytes, 0);
  let json: string | undefined;
  return {
    name,
    datatype,
    shape,
    byteLength,
    write: (target, at) => void bytes.copy(target, at),
    json: () => (json ??= tensor.json()),
  };
}

export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function isDatatype(name: unknown): name is DatatypeName {
  return (DATATYPE_NAMES as readonly unknown[]).includes(name);
}

/** Lists of lists are opened until there are only lists of elements. */
function collectParts(
  value: unknown,
  parts: ArrayLike<unknown>[],
  isList: (part: unknown) => boolean,
): void {
  if (!isList(value)) parts.push([value]);
  else if (!Array.isArray(value) || !value.some(isList)) parts.push(value as ArrayLike<unknown>);
  else for (const member of value) collectParts(member, parts, isList);
}

/** In a tensor of BYTES, bytes are one element, and in others as many. */
function isNumberArray(value: unknown): boolean {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

class FixedTensor implements Tensor {
  readonly name: string;
  readonly datatype: DatatypeName;
  readonly shape: readonly number[];
  readonly byteLength: number;
  readonly #kind: (typeof FIXED_DATATYPES)[keyof typeof FIXED_DATATYPES];
  readonly #parts: readonly ArrayLike<unknown>[];

  constructor(
    { name, datatype, shape }: TensorHead,
    kind: (typeof FIXED_DATATYPES)[keyof typeof FIXED_DATATYPES],
    parts: readonly ArrayLike<unknown>[],
  ) {
    this.name = name;
    this.datatype = datatype;
    this.shape = shape;
    this.#kind = kind;
    this.#parts = parts;
    this.byteLength = elementsOf(shape) * kind.elementBytes;
    for (const part of parts) if (!this.#holdsItsBytes(part)) this.#checkElements(part);
  }

  write(target: Buffer, at: number): void {
    const view = new DataView(target.buffer, target.byteOffset, target.length);
    const { elementBytes, put } = this.#kind;
    let place = at;
    for (const part of this.#parts) {
      if (this.#holdsItsBytes(part)) {
        target.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), place);
        place += part.byteLength;
        continue;
      }
      for (let index = 0; index < part.length; index++) {
        put(view, place, part[index] as never);
        place += elementBytes;
      }
    }
  }

  json(): string {
    const texts = this.#parts.flatMap((part) => Array.from(part, (value) => this.#jsonOf(value)));
    return `[${texts.join(',')}]`;
  }

  #jsonOf(value: unknown): string {
    return this.datatype === 'BOOL' ? String(Boolean(value)) : jsonText(value);
  }

  #holdsItsBytes(part: ArrayLike<unknown>): part is ArrayLike<unknown> & ArrayBufferView {
    const { array } = this.#kind;
    return array !== undefined && part instanceof array;
  }

  #checkElements(part: ArrayLike<unknown>): void {
    const { accepts } = this.#kind;
    for (let index = 0; index < part.length; index++) {
      if (accepts(part[index])) continue;
      throw new Error(`${shown(part[index])} is no ${this.datatype}`);
    }
  }
}

class BytesTensor implements Tensor {
  readonly name: string;
  readonly datatype = 'BYTES';
  readonly shape: readonly number[];
  readonly byteLength: number;
  readonly #elements: readonly Uint8Array[];

  constructor({ name, shape }: TensorHead, elements: readonly unknown[]) {
    this.name = name;
    this.shape = shape;
    this.#elements = elements.map(bytesOf);
    this.byteLength = this.#elements.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0);
  }

  write(target: Buffer, at: number): void {
    let place = at;
    for (const element of this.#elements) {
      target.writeUInt32LE(element.length, place);
      target.set(element, place + LENGTH_BYTES);
      place += LENGTH_BYTES + element.length;
    }
  }

  json(): string {
    const texts = this.#elements.map((bytes) =>
      JSON.stringify(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')),
    );
    return `[${texts.join(',')}]`;
  }
}

function bytesOf(value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (value instanceof Uint8Array) return value;
  throw new Error(`${shown(value)} is no text or bytes, as elements of BYTES are`);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
