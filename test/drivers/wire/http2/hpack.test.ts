import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeHuffman } from '../../../../src/drivers/wire/http2/hpack/huffman.ts';
import {
  HeaderBlockRefused,
  HeaderDecoder,
} from '../../../../src/drivers/wire/http2/hpack/header-decoder.ts';
import {
  HeaderEncoder,
  PreparedFields,
} from '../../../../src/drivers/wire/http2/hpack/header-encoder.ts';
import { literalField } from '../../../../src/drivers/wire/http2/hpack/header-literal.ts';

function decode(decoder: HeaderDecoder, hex: string): string[] {
  const bytes = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
  return decoder.decode(bytes, 0, bytes.length).map(({ name, value }) => `${name}: ${value}`);
}

describe('the header decoder', () => {
  // RFC 7541, appendix C.5: answers without Huffman coding, over a table of 256 bytes.
  it('reads the answers of the standard, and forgets the oldest fields when its table is small', () => {
    const decoder = new HeaderDecoder();
    const first = decode(
      decoder,
      `3fe101 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032
       303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
    );
    assert.deepEqual(first, [
      ':status: 302',
      'cache-control: private',
      'date: Mon, 21 Oct 2013 20:13:21 GMT',
      'location: https://www.example.com',
    ]);
    assert.deepEqual(decode(decoder, '4803 3330 37c1 c0bf'), [
      ':status: 307',
      'cache-control: private',
      'date: Mon, 21 Oct 2013 20:13:21 GMT',
      'location: https://www.example.com',
    ]);
    assert.deepEqual(
      decode(
        decoder,
        `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04
         677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49
         553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
      ),
      [
        ':status: 200',
        'cache-control: private',
        'date: Mon, 21 Oct 2013 20:13:22 GMT',
        'location: https://www.example.com',
        'content-encoding: gzip',
        'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
      ],
    );
  });

  // RFC 7541, appendix C.4: requests with Huffman coding.
  it('reads the Huffman-coded requests of the standard', () => {
    const decoder = new HeaderDecoder();
    const common = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
    assert.deepEqual(decode(decoder, '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'), common);
    assert.deepEqual(decode(decoder, '8286 84be 5886 a8eb 1064 9cbf'), [
      ...common,
      'cache-control: no-cache',
    ]);
    assert.deepEqual(
      decode(decoder, '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'),
      [
        ':method: GET',
        ':scheme: https',
        ':path: /index.html',
        ':authority: www.example.com',
        'custom-key: custom-value',
      ],
    );
  });

  const refused: readonly (readonly [title: string, hex: string])[] = [
    ['an index of no field', 'ff00'],
    ['the index 0', '80'],
    ['a string that is cut off', '0003 6162'],
    ['a length that is cut off', '00ff'],
    ['a number without end', '00ff ffff ffff ffff ff'],
    ['padding of zeros', '0081 1800'],
    ['padding of a whole byte', '0082 1fff 00'],
    ['the end of a string within it', '0084 ffff ffff 00'],
    ['a table beyond its limit', '3fe2 1f'],
    ['a table size after a field', '8220'],
  ];
  for (const [title, hex] of refused) {
    it(`refuses ${title}`, () => {
      assert.throws(() => decode(new HeaderDecoder(), hex), HeaderBlockRefused);
    });
  }

  it('ends on any bytes, with fields or by refusing them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }), (blocks) => {
        const decoder = new HeaderDecoder();
        try {
          for (const block of blocks) decoder.decode(Buffer.from(block), 0, block.length);
        } catch (error) {
          assert.ok(error instanceof HeaderBlockRefused, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('decodes no Huffman code into less room than it needs', () => {
    const coded = Buffer.from('f1e3c2e5f23a6ba0ab90f4ff', 'hex');
    assert.equal(decodeHuffman(coded, 0, coded.length, Buffer.alloc(14)), -1);
    const room = Buffer.alloc(15);
    assert.equal(decodeHuffman(coded, 0, coded.length, room), 15);
    assert.equal(room.toString('latin1'), 'www.example.com');
  });
});

describe('the header encoder', () => {
  const text = fc.string({
    unit: fc.integer({ min: 32, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  const fieldName = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
  const fields = fc.array(
    fc.tuple(fieldName, text).map(([name, value]) => ({ name, value })),
    { maxLength: 12 },
  );

  it('is read as what was given, whatever was sent before and however small the table became', () => {
    const step = fc.record({
      which: fc.nat(3),
      varying: fields,
      limit: fc.option(fc.nat(6000), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(fields, { minLength: 4, maxLength: 4 }),
        fc.array(step),
        (sets, steps) => {
          const prepared = sets.map((set) => new PreparedFields(set));
          const encoder = new HeaderEncoder();
          const decoder = new HeaderDecoder();
          for (const { which, varying, limit } of steps) {
            if (limit !== undefined) encoder.limitTable(limit);
            const literals = varying.map((field) => literalField(field)).join('');
            const block = Buffer.concat([
              Buffer.from(encoder.takeSizeUpdate(), 'latin1'),
              encoder.encode(prepared[which]!),
              Buffer.from(literals, 'latin1'),
            ]);
            const read = decoder.decode(block, 0, block.length);
            assert.deepEqual(read, [...prepared[which]!.fields, ...varying]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('sends a field that the other side knows as one index', () => {
    const encoder = new HeaderEncoder();
    const prepared = new PreparedFields([
      { name: ':method', value: 'POST' },
      { name: ':path', value: '/embed.v1.Embedder/Embed' },
      { name: 'authorization', value: 'Bearer 0123456789' },
    ]);
    assert.ok(encoder.encode(prepared).length > 40);
    assert.equal(encoder.encode(prepared).length, 3);
    assert.equal(encoder.encode(prepared).length, 3);
  });
});
