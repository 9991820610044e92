/** Messages are written and read as protobufjs does, which knows them by a definition. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import {
  messageFields,
  NoMessage,
  packedNumbers,
} from '../../../../src/drivers/wire/protobuf/message-fields.ts';
import {
  bytesField,
  doubleField,
  int64Field,
  lengthField,
  messageField,
  textField,
  uintField,
  varint,
} from '../../../../src/drivers/wire/protobuf/message-writer.ts';

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Inner { string text = 1; repeated uint64 numbers = 2; }
  message Outer {
    uint64 count = 1;
    bool flag = 2;
    double ratio = 3;
    bytes raw = 16;
    string name = 200;
    int64 signed = 2047;
    repeated Inner inner = 2048;
    fixed32 fixed = 536870911;
  }
`);
const OUTER = root.lookupType('Outer');

interface Outer {
  readonly count: number;
  readonly flag: boolean;
  readonly ratio: number;
  readonly raw: Buffer;
  readonly name: string;
  readonly signed: bigint;
  readonly inner: readonly { readonly text: string; readonly numbers: readonly number[] }[];
}

const whole = fc.oneof(
  fc.nat({ max: 300 }),
  fc.maxSafeNat(),
  // Where a number takes a byte more.
  fc
    .integer({ min: 1, max: 7 })
    .chain((bytes) => fc.constantFrom(2 ** (7 * bytes) - 1, 2 ** (7 * bytes))),
);
const outers: fc.Arbitrary<Outer> = fc.record({
  count: whole,
  flag: fc.boolean(),
  ratio: fc.double({ noNaN: true }).filter((ratio) => !Object.is(ratio, -0)),
  raw: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  name: fc.string({ unit: 'grapheme', maxLength: 50 }),
  signed: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  inner: fc.array(
    fc.record(
      { text: fc.string({ unit: 'grapheme' }), numbers: fc.array(whole, { maxLength: 20 }) },
      { noNullPrototype: true },
    ),
    { maxLength: 5 },
  ),
});

function written({ count, flag, ratio, raw, name, signed, inner }: Outer): Buffer {
  return Buffer.concat([
    uintField(1, count),
    uintField(2, flag),
    doubleField(3, ratio),
    bytesField(16, raw),
    textField(200, name),
    int64Field(2047, signed),
    ...inner.map(({ text, numbers }) => {
      const packed = lengthField(2, [Buffer.from(numbers.flatMap(varint))]);
      return messageField(2048, textField(1, text), ...packed);
    }),
  ]);
}

/** As protobufjs says them, with the long numbers as text, since it has no bigint. */
function comparable({ count, signed, inner, raw, ...rest }: Outer): unknown {
  return {
    ...rest,
    count: String(count),
    signed: String(signed),
    raw: raw.toString('hex'),
    inner: inner.map(({ text, numbers }) => ({ text, numbers: numbers.map(String) })),
  };
}

test('what is written protobufjs reads as it was meant', () => {
  fc.assert(
    fc.property(outers, (message) => {
      const decoded = OUTER.toObject(OUTER.decode(written(message)), {
        longs: String,
        defaults: true,
        arrays: true,
      });
      const { raw, fixed, ...rest } = decoded as Record<string, unknown>;
      assert.equal(fixed, 0);
      assert.deepEqual(
        { ...rest, raw: Buffer.from(raw as Uint8Array).toString('hex') },
        comparable(message),
      );
    }),
  );
});

test('what protobufjs writes is read as it was meant', () => {
  fc.assert(
    fc.property(outers, fc.nat(0xffffffff), (message, fixed) => {
      const object = { ...(comparable(message) as object), raw: message.raw, fixed };
      // Text of a long number is what protobufjs takes for one.
      const bytes = Buffer.from(OUTER.encode(OUTER.fromObject(object)).finish());
      assert.deepEqual(readOuter(bytes), { ...expected(message), fixed });
    }),
  );
});

/** What stands there when it is read: what is 0 is not written. */
function expected({ signed, raw, ...rest }: Outer): Record<string, unknown> {
  return { ...rest, signed: size(Number(signed)), raw: raw.toString('hex') };
}

function readOuter(bytes: Buffer): Record<string, unknown> {
  const found: Record<string, unknown> = {
    count: 0,
    flag: false,
    ratio: 0,
    raw: '',
    name: '',
    signed: 0,
    fixed: 0,
  };
  const inner: unknown[] = [];
  for (const { field, number, from, to } of messageFields(bytes, 0, bytes.length)) {
    if (field === 1) found['count'] = number;
    if (field === 2) found['flag'] = number === 1;
    if (field === 3) found['ratio'] = bytes.readDoubleLE(from);
    if (field === 16) found['raw'] = bytes.toString('hex', from, to);
    if (field === 200) found['name'] = bytes.toString('utf8', from, to);
    if (field === 2047) found['signed'] = size(number);
    if (field === 2048) inner.push(readInner(bytes, from, to));
    if (field === 536_870_911) found['fixed'] = bytes.readUInt32LE(from);
  }
  return { ...found, inner };
}

/** Beyond the safe integers digits are lost, and the reader knows of no sign. */
function size(number: number): unknown {
  return Number.isSafeInteger(number) && number >= 0 ? number : 'large or negative';
}

function readInner(bytes: Buffer, from: number, to: number): unknown {
  let text = '';
  let numbers: number[] = [];
  for (const part of messageFields(bytes, from, to)) {
    if (part.field === 1) text = bytes.toString('utf8', part.from, part.to);
    if (part.field === 2) numbers = packedNumbers(bytes, part.from, part.to);
  }
  return { text, numbers };
}

test('a message that is cut within a field is none, wherever it is cut', () => {
  fc.assert(
    fc.property(outers, (message) => {
      const bytes = written(message);
      const ends = new Set([0]);
      let parsed = 0;
      // Each field that was read ends where the next one begins.
      for (const { to } of messageFields(bytes, 0, bytes.length)) ends.add((parsed = to));
      assert.equal(parsed, bytes.length);
      for (let length = 0; length < bytes.length; length++) {
        const read = (): unknown[] => [...messageFields(bytes, 0, length)];
        if (ends.has(length)) read();
        else assert.throws(read, NoMessage, `cut at ${length}`);
      }
    }),
    { numRuns: 20 },
  );
});

test('a wire type that does not exist is no message', () => {
  for (const type of [3, 4, 6, 7]) {
    const bytes = Buffer.from([(1 << 3) | type, 0]);
    assert.throws(() => [...messageFields(bytes, 0, bytes.length)], NoMessage);
  }
});
