import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readColumns, RowStore } from '../../../../src/drivers/wire/postgres/row-store.ts';

const INT8 = 20;
const FLOAT8 = 701;
const TEXT = 25;

interface Field {
  readonly name: string;
  readonly typeOid: number;
  /** The values of all rows as the server writes them. */
  readonly texts: readonly (string | null)[];
}

function rowDescription(fields: readonly Field[]): Buffer {
  const parts = fields.map(({ name, typeOid }) => {
    const rest = Buffer.alloc(18);
    rest.writeUInt32BE(typeOid, 6);
    return Buffer.concat([Buffer.from(`${name}\0`), rest]);
  });
  return Buffer.concat([Buffer.from([0, fields.length]), ...parts]);
}

function dataRow(texts: readonly (string | null)[]): Buffer {
  const parts = texts.map((text) => {
    const bytes = Buffer.from(text ?? '');
    const length = Buffer.alloc(4);
    length.writeInt32BE(text === null ? -1 : bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return Buffer.concat([Buffer.from([0, texts.length]), ...parts]);
}

function storeOf(fields: readonly Field[], rows: number): RowStore {
  const store = new RowStore();
  store.columns = readColumns(rowDescription(fields), 0);
  for (let row = 0; row < rows; row++) {
    const bytes = dataRow(fields.map(({ texts }) => texts[row]!));
    assert.ok(store.add(bytes, 0, bytes.length));
  }
  return store;
}

const ROWS = 5;
const column = (typeOid: number, written: fc.Arbitrary<string>): fc.Arbitrary<Field> =>
  fc.record({
    name: fc.constantFrom('id', 'distance', 'word'),
    typeOid: fc.constant(typeOid),
    texts: fc.array(fc.option(written), { minLength: ROWS, maxLength: ROWS }),
  });
const fields = fc.array(
  fc.oneof(
    column(INT8, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
    column(FLOAT8, fc.double({ noNaN: true }).map(String)),
    column(TEXT, fc.string({ unit: 'grapheme' })),
  ),
  { maxLength: 5 },
);

test('a column by itself is what the rows have under its name', () => {
  fc.assert(
    fc.property(fields, (described) => {
      const store = storeOf(described, ROWS);
      for (const name of ['id', 'distance', 'word']) {
        const expected = described.some((field) => field.name === name)
          ? store.rows.map((row) => row[name])
          : undefined;
        assert.deepEqual(store.valuesOf(name), expected);
      }
    }),
  );
});

test('an int8 is a number where it is exact, else a bigint', () => {
  const texts = ['0', '-1', '999999999999999', '9007199254740991', '9007199254740993'];
  const store = storeOf([{ name: 'id', typeOid: INT8, texts }], texts.length);
  const exact = [0, -1, 999_999_999_999_999, Number.MAX_SAFE_INTEGER];
  assert.deepEqual(store.valuesOf('id'), [...exact, 9_007_199_254_740_993n]);
});
