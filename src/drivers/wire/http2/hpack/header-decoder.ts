import { decodeHuffman } from './huffman.ts';
import { DynamicTable, HEADER_TABLE_BYTES } from './dynamic-table.ts';
import { FIRST_DYNAMIC_INDEX, STATIC_TABLE, type HeaderField } from './static-table.ts';
import { HEADER_LIST_LIMIT_BYTES } from '../limits.ts';

/** What no decoder can go on after: its connection has to end (RFC 9113 section 4.3). */
export class HeaderBlockRefused extends Error {}

/** Reads the header blocks of one connection, in the order in which they came (RFC 7541). */
export class HeaderDecoder {
  readonly #table = new DynamicTable();
  readonly #text = Buffer.allocUnsafe(HEADER_LIST_LIMIT_BYTES);
  #bytes: Buffer = this.#text;
  #at = 0;
  #end = 0;

  /** The fields of a block, as texts of Latin-1. Throws HeaderBlockRefused. */
  decode(bytes: Buffer, from: number, to: number): HeaderField[] {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
    const fields: HeaderField[] = [];
    let listBytes = 0;
    while (this.#at < to) {
      const field = this.#next(fields.length === 0);
      if (field === undefined) continue;
      fields.push(field);
      listBytes += field.name.length + field.value.length;
      if (listBytes > HEADER_LIST_LIMIT_BYTES) {
        throw new HeaderBlockRefused(`header fields over ${HEADER_LIST_LIMIT_BYTES} bytes`);
      }
    }
    return fields;
  }

  /** Undefined where it was no field but a new size of the table. */
  #next(mayResize: boolean): HeaderField | undefined {
    const first = this.#bytes[this.#at]!;
    if (first >= 0x80) return this.#indexed(this.#integer(7));
    if (first >= 0x40) {
      const field = this.#literal(6);
      this.#table.add(field);
      return field;
    }
    if (first < 0x20) return this.#literal(4);
    this.#resize(mayResize);
    return undefined;
  }

  #resize(mayResize: boolean): void {
    const bytes = this.#integer(5);
    if (!mayResize) throw new HeaderBlockRefused('a table size within a header block');
    if (bytes > HEADER_TABLE_BYTES) throw new HeaderBlockRefused('a header table beyond its limit');
    this.#table.resize(bytes);
  }

  #literal(prefixBits: number): HeaderField {
    const nameIndex = this.#integer(prefixBits);
    const name = nameIndex === 0 ? this.#string() : this.#indexed(nameIndex).name;
    return { name, value: this.#string() };
  }

  #indexed(index: number): HeaderField {
    const field =
      index < FIRST_DYNAMIC_INDEX
        ? STATIC_TABLE[index - 1]
        : this.#table.at(index - FIRST_DYNAMIC_INDEX);
    if (field === undefined) throw new HeaderBlockRefused('an unknown header index');
    return field;
  }

  #string(): string {
    const isHuffman = this.#at < this.#end && this.#bytes[this.#at]! >= 0x80;
    const length = this.#integer(7);
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw new HeaderBlockRefused('a header block that is cut off');
    if (!isHuffman) return this.#bytes.toString('latin1', from, this.#at);
    const decoded = decodeHuffman(this.#bytes, from, this.#at, this.#text);
    if (decoded < 0) throw new HeaderBlockRefused('a header that is no Huffman code');
    return this.#text.toString('latin1', 0, decoded);
  }

  /** RFC 7541 section 5.1; beyond 28 bits nothing is meant well. */
  #integer(prefixBits: number): number {
    const most = (1 << prefixBits) - 1;
    if (this.#at >= this.#end) throw new HeaderBlockRefused('a header block that is cut off');
    let value = this.#bytes[this.#at++]! & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.#at >= this.#end) throw new HeaderBlockRefused('a header block that is cut off');
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new HeaderBlockRefused('a number too large');
  }
}
