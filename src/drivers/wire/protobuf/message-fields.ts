/** One field of a message as it stands: a number of whatever type, or where its bytes are. */
export interface MessageField {
  readonly field: number;
  /** Of a varint; NaN where it has another type. */
  readonly number: number;
  /** Where the value's bytes are: those of a length-delimited or fixed one. */
  readonly from: number;
  readonly to: number;
}

/** The bytes are no message of Protocol Buffers. */
export class NoMessage extends Error {
  override readonly name = 'NoMessage';
}

/**
 * The fields of `bytes[from … to)` in their order (protobuf.dev, "Encoding"). Throws NoMessage where
 * it ends within one. 64-bit varints above 2⁵³ lose their last digits.
 */
export function* messageFields(bytes: Buffer, from: number, to: number): Generator<MessageField> {
  const reader = new VarintReader(bytes, from, to);
  while (reader.at < to) {
    const head = reader.next();
    const field = Math.floor(head / 8);
    switch (head % 8) {
      case 0:
        yield { field, number: reader.next(), from: reader.at, to: reader.at };
        break;
      case 1:
        yield { field, number: Number.NaN, ...reader.skip(8) };
        break;
      case 2:
        yield { field, number: Number.NaN, ...reader.skip(reader.next()) };
        break;
      case 5:
        yield { field, number: Number.NaN, ...reader.skip(4) };
        break;
      default:
        throw new NoMessage(`a field of the type ${head % 8}`);
    }
  }
}

/** The whole numbers of a packed list. */
export function packedNumbers(bytes: Buffer, from: number, to: number): number[] {
  const reader = new VarintReader(bytes, from, to);
  const numbers: number[] = [];
  while (reader.at < to) numbers.push(reader.next());
  return numbers;
}

class VarintReader {
  at: number;
  readonly #bytes: Buffer;
  readonly #to: number;

  constructor(bytes: Buffer, from: number, to: number) {
    this.#bytes = bytes;
    this.at = from;
    this.#to = to;
  }

  next(): number {
    let value = 0;
    for (let scale = 1; this.at < this.#to; scale *= 0x80) {
      const byte = this.#bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new NoMessage('a number that is cut off');
  }

  skip(length: number): { readonly from: number; readonly to: number } {
    const from = this.at;
    this.at += length;
    if (this.at > this.#to) throw new NoMessage('a field that is cut off');
    return { from, to: this.at };
  }
}
