import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { grpcTimeout } from '../../../../src/drivers/wire/grpc/grpc-timeout.ts';
import { metadataNameProblem } from '../../../../src/drivers/wire/grpc/grpc-metadata.ts';
import { framedMessage } from '../../../../src/drivers/wire/grpc/message-frame.ts';
import { MessageReader } from '../../../../src/drivers/wire/grpc/message-reader.ts';

function read(bytes: Buffer, cuts: readonly number[], limit = 1000) {
  const messages: string[] = [];
  const user = {
    message(from: Buffer, at: number, to: number, isCompressed: boolean) {
      messages.push(`${isCompressed}:${from.toString('latin1', at, to)}`);
    },
  };
  const reader = new MessageReader(user, limit);
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  let refused: string | undefined;
  for (let index = 1; index < places.length && refused === undefined; index++) {
    const piece = Buffer.from(bytes.subarray(places[index - 1], places[index]));
    refused = reader.take(piece, 0, piece.length, 0);
  }
  return { messages, refused, isWithin: reader.isWithinMessage };
}

describe('the message reader', () => {
  it('finds the messages of a stream, empty ones too, however the bytes are cut', () => {
    const message = fc.tuple(fc.string({ maxLength: 20 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(120)), (parts, cuts) => {
        const frames = parts.map(([text, flag]) =>
          framedMessage(Buffer.from(text, 'latin1'), flag),
        );
        const bytes = Buffer.concat(frames);
        const within = cuts.filter((cut) => cut <= bytes.length);
        const { messages, refused, isWithin } = read(bytes, within);
        const expected = parts.map(
          ([text, flag]) => `${flag}:${Buffer.from(text, 'latin1').toString('latin1')}`,
        );
        assert.deepEqual(messages, expected);
        assert.deepEqual([refused, isWithin], [undefined, false]);
      }),
    );
  });

  it('says that a message is cut off, at each of its bytes', () => {
    const bytes = framedMessage(Buffer.from('hello'));
    for (let length = 1; length < bytes.length; length++) {
      assert.equal(read(bytes.subarray(0, length), []).isWithin, true, `${length} bytes`);
    }
  });

  it('refuses a message over the limit by its head, and an unknown flag', () => {
    assert.match(read(Buffer.from('0000000bb9', 'hex'), []).refused!, /over 1000 bytes/);
    assert.match(read(Buffer.from('0700000000', 'hex'), []).refused!, /unknown flag/);
  });
});

describe('the header grpc-timeout', () => {
  const cases: readonly (readonly [timeoutMs: number, text: string])[] = [
    [200, '200m'],
    [0.25, '250u'],
    [1.5, '1500u'],
    [0.0001, '1u'],
    [30_000, '30000m'],
    [99_999_999, '99999999m'],
    [360_000_000, '360000S'],
  ];
  for (const [timeoutMs, text] of cases) {
    it(`says ${text} for ${timeoutMs} ms`, () => assert.equal(grpcTimeout(timeoutMs), text));
  }
});

describe('names of metadata', () => {
  it('are lower-case, and none that the protocol uses itself', () => {
    for (const name of ['x-tenant', 'authorization', 'trace-bin', 'a.b_c']) {
      assert.equal(metadataNameProblem(name), undefined, name);
    }
    for (const name of ['X-Tenant', 'grpc-status', 'content-type', ':path', 'te', 'a b', '']) {
      assert.notEqual(metadataNameProblem(name), undefined, name);
    }
  });
});
