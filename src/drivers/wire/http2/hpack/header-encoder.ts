import { DynamicTable, HEADER_TABLE_BYTES } from './dynamic-table.ts';
import { encodeInteger, literalField } from './header-literal.ts';
import {
  FIRST_DYNAMIC_INDEX,
  staticIndexOf,
  staticNameIndexOf,
  type HeaderField,
} from './static-table.ts';

/**
 * Header fields that are the same in every request of a step. A connection that sends them again
 * and again has them in its table, and sends an index each: that form is kept per connection.
 */
export class PreparedFields {
  readonly fields: readonly HeaderField[];

  constructor(fields: readonly HeaderField[]) {
    this.fields = fields;
  }
}

interface IndexedForm {
  readonly bytes: Buffer;
  /** Every field that is added moves the others. */
  readonly additions: number;
}

/** Writes the header blocks of one connection, in the order in which they are sent (RFC 7541). */
export class HeaderEncoder {
  readonly #table = new DynamicTable();
  /** How many fields have been added to the table; the newest has that number. */
  #additions = 0;
  readonly #numbers = new Map<string, number>();
  readonly #indexed = new Map<PreparedFields, IndexedForm>();
  #sizeUpdate = '';

  /** The bytes of the fields now; they must be sent, and in the order in which this is called. */
  encode(prepared: PreparedFields): Buffer {
    const known = this.#indexed.get(prepared);
    if (known?.additions === this.#additions) return known.bytes;
    const additions = this.#additions;
    const text = prepared.fields.map((field) => this.#field(field)).join('');
    const bytes = Buffer.from(text, 'latin1');
    if (additions === this.#additions) this.#indexed.set(prepared, { bytes, additions });
    return bytes;
  }

  /** What has to stand at the very beginning of the next block; nearly always nothing. */
  takeSizeUpdate(): string {
    const update = this.#sizeUpdate;
    if (update !== '') this.#sizeUpdate = '';
    return update;
  }

  /** The other side remembers at most so much from now on (its SETTINGS_HEADER_TABLE_SIZE). */
  limitTable(limitBytes: number): void {
    const bytes = Math.min(limitBytes, HEADER_TABLE_BYTES);
    // Beginning anew is simple, and happens at most once or twice in the life of a connection.
    this.#table.resize(0);
    this.#table.resize(bytes);
    this.#numbers.clear();
    this.#indexed.clear();
    this.#sizeUpdate = encodeInteger(0, 5, 0x20) + encodeInteger(bytes, 5, 0x20);
  }

  #field(field: HeaderField): string {
    const index = staticIndexOf(field) ?? this.#dynamicIndexOf(field);
    if (index !== undefined) return encodeInteger(index, 7, 0x80);
    const nameIndex = staticNameIndexOf(field.name);
    if (!this.#table.hasRoomFor(field)) return literalField(field, { nameIndex });
    this.#table.add(field);
    this.#numbers.set(keyOf(field), ++this.#additions);
    return literalField(field, { nameIndex, isAdded: true });
  }

  #dynamicIndexOf(field: HeaderField): number | undefined {
    const number = this.#numbers.get(keyOf(field));
    return number === undefined ? undefined : FIRST_DYNAMIC_INDEX + this.#additions - number;
  }
}

function keyOf({ name, value }: HeaderField): string {
  return `${name}\n${value}`;
}
