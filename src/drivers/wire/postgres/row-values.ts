/** Reads a value from its text form, `bytes[from … to)`. */
export type ValueReader = (bytes: Buffer, from: number, to: number) => unknown;

/** Types that have a form of their own in expressions, by their number in `pg_type`. */
const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  jsonb: 3802,
} as const;

const text: ValueReader = (bytes, from, to) => bytes.toString('utf8', from, to);
const number: ValueReader = (bytes, from, to) => Number(bytes.toString('latin1', from, to));
const json: ValueReader = (bytes, from, to) => JSON.parse(bytes.toString('utf8', from, to));

/** Any number of this many digits is exact as a double. */
const EXACT_DIGITS = 15;
const ZERO = 0x30;
const NINE = 0x39;

/** A number where it is exact, else a bigint. */
const bigNumber: ValueReader = (bytes, from, to) => {
  if (to - from <= EXACT_DIGITS) {
    let value = 0;
    let at = from;
    while (at < to && bytes[at]! >= ZERO && bytes[at]! <= NINE) {
      value = value * 10 + bytes[at]! - ZERO;
      at++;
    }
    if (at === to) return value;
  }
  const digits = bytes.toString('latin1', from, to);
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
};

const bytea: ValueReader = (bytes, from, to) => {
  const shown = bytes.toString('latin1', from, to);
  return shown.startsWith(String.raw`\x`) ? Buffer.from(shown.slice(2), 'hex') : unescaped(shown);
};

const READERS = new Map<number, ValueReader>([
  [OID.bool, (bytes, from) => bytes[from] === 0x74],
  [OID.bytea, bytea],
  [OID.int2, number],
  [OID.int4, number],
  [OID.oid, number],
  [OID.int8, bigNumber],
  [OID.float4, number],
  [OID.float8, number],
  [OID.json, json],
  [OID.jsonb, json],
]);

/**
 * How values of a type stand in expressions: integers and floats as numbers (an int8 beyond 2^53 as
 * a bigint), bool, json and bytea as what they are. Every other type is text as the server writes it,
 * `numeric` too, since a number would not be exact.
 */
export function valueReader(typeOid: number): ValueReader {
  return READERS.get(typeOid) ?? text;
}

/** The form that `bytea_output = escape` has: octal for what is not printable. */
function unescaped(shown: string): Buffer {
  const bytes = shown.replace(/\\(\d{3}|\\)/g, (_, code: string) =>
    code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code, 8)),
  );
  return Buffer.from(bytes, 'latin1');
}
