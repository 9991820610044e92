import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import {
  BACKEND,
  BackendReader,
  type BackendListener,
} from '../../../../src/drivers/wire/postgres/backend-reader.ts';

interface Told {
  readonly type: number;
  readonly body: string;
}

class Listener implements BackendListener {
  readonly told: Told[] = [];
  readonly unread: ReadonlySet<number>;

  constructor(unread: readonly number[] = []) {
    this.unread = new Set(unread);
  }

  message(type: number, bytes: Buffer, from: number, to: number): boolean {
    // Whole ones are handed over even where nobody reads them.
    const body = this.unread.has(type) ? '' : bytes.toString('latin1', from, to);
    this.told.push({ type, body });
    return true;
  }

  isRead(type: number): boolean {
    return !this.unread.has(type);
  }
}

function framed({ type, body }: Told): Buffer {
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, Buffer.from(body, 'latin1')]);
}

const message = fc.record(
  {
    type: fc.constantFrom(...Object.values(BACKEND)),
    body: fc.oneof(
      fc.constant(''),
      fc.string({ maxLength: 20 }).map((text) => Buffer.from(text).toString('latin1')),
      fc.constant('x'.repeat(3000)),
    ),
  },
  { noNullPrototype: true },
);

function takeInPieces(reader: BackendReader, bytes: Buffer, cuts: readonly number[]): void {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  const sorted = places.toSorted((a, b) => a - b);
  for (let i = 1; i < sorted.length; i++) {
    // Each piece in a buffer of its own, at another place, overwritten when it was read.
    const piece = Buffer.concat([Buffer.from('??'), bytes.subarray(sorted[i - 1], sorted[i])]);
    reader.take(piece, 2, piece.length);
    piece.fill(0xff);
  }
}

it('reads the same messages whatever the pieces in which they arrive', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      (messages, cuts) => {
        const listener = new Listener();
        takeInPieces(new BackendReader(listener), Buffer.concat(messages.map(framed)), cuts);
        assert.deepEqual(listener.told, messages);
      },
    ),
  );
});

it('tells of messages that nobody reads, in their place, without their body', () => {
  const unread = [BACKEND.dataRow, BACKEND.copyData];
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 30 }),
      (messages, cuts) => {
        const listener = new Listener(unread);
        takeInPieces(new BackendReader(listener), Buffer.concat(messages.map(framed)), cuts);
        const expected = messages.map(({ type, body }) => ({
          type,
          body: listener.unread.has(type) ? '' : body,
        }));
        assert.deepEqual(listener.told, expected);
      },
    ),
  );
});

for (const [title, bytes, reason] of [
  ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), /begins with byte 0x48|over/],
  ['a type that is none', Buffer.from([0x07, 0, 0, 0, 4]), /byte 0x07/],
  ['a length below its own', Buffer.from([BACKEND.dataRow, 0, 0, 0, 3]), /shorter/],
  ['a length beyond the limit', Buffer.from([BACKEND.dataRow, 0x7f, 0, 0, 0]), /over 256 MiB/],
] as const) {
  it(`refuses ${title}, whole or in pieces, and reads nothing more`, () => {
    for (const size of [bytes.length, 1, 3]) {
      const listener = new Listener();
      const reader = new BackendReader(listener);
      for (let at = 0; at < bytes.length; at += size) {
        reader.take(bytes, at, Math.min(at + size, bytes.length));
      }
      assert.match(reader.failure ?? 'none', reason);
      const before = listener.told.length;
      reader.take(framed({ type: BACKEND.readyForQuery, body: 'I' }), 0, 6);
      assert.equal(listener.told.length, before);
      reader.begin();
      reader.take(framed({ type: BACKEND.readyForQuery, body: 'I' }), 0, 6);
      assert.equal(listener.told.length, before + 1);
    }
  });
}
