import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeadMemo } from '../../../../src/drivers/wire/http1/head-memo.ts';
import { Http1ResponseParser } from '../../../../src/drivers/wire/http1/response-parser.ts';
import { completeReading, KEEP_ALL, readPieces, readWhole } from './responses.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

describe('where the bytes are cut', () => {
  const chunked = `${OK}Transfer-Encoding: chunked\r\n`;
  const texts: readonly string[] = [
    `${OK}Server: x\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello`,
    `${chunked}\r\n3;x=y\r\nabc\r\n1F\r\n${'z'.repeat(31)}\r\n0\r\nT: u\r\n\r\n`,
    `HTTP/1.1 100 Continue\r\nA: b\r\n\r\n${OK}Content-Length: 2\r\n\r\nhi`,
    `HTTP/1.0 404 Not Found\r\nContent-Type: text/plain\r\n\r\nuntil the end`,
    'HTTP/1.1 204 No Content\r\nDate: now\r\n\r\n',
    `${OK}Content-Length: 2\r\n\r\nhi and more`,
    `${OK}Content-Length: 5\r\n\r\nhel`,
    `${OK}Bad Name: x\r\n\r\n`,
    `${OK}A: b\r\n folded\r\n\r\n`,
    `${OK}A: b\nC: d\r\n\r\n`,
    `${chunked}\r\n3\r\nabcX\r\n0\r\n\r\n`,
    `${chunked}Content-Length: 1\r\n\r\n`,
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    'HTTP/1.1 2000 Much\r\n\r\n',
    'nonsense\r\n\r\n',
    'nonsense',
  ];
  for (const text of texts) {
    it(`makes no difference: ${JSON.stringify(text.slice(0, 60))}`, () => {
      const bytes = Buffer.from(text, 'latin1');
      const expected = readPieces([bytes], { thenEnds: true });
      for (let first = 0; first <= bytes.length; first++) {
        for (let second = first; second <= bytes.length; second++) {
          const pieces = [
            bytes.subarray(0, first),
            bytes.subarray(first, second),
            bytes.subarray(second),
          ].filter(({ length }) => length > 0);
          assert.deepEqual(readPieces(pieces, { thenEnds: true }), expected, `${first}, ${second}`);
        }
      }
      const single = [...bytes].map((byte) => Buffer.from([byte]));
      assert.deepEqual(readPieces(single, { thenEnds: true }), expected);
    });
  }
});

describe('a head that was seen before', () => {
  const head = `${OK}Server: x\r\nContent-Length: 3\r\n\r\n`;

  for (const isAligned of [false, true]) {
    it(`is told from every head that differs in a byte (${isAligned ? 'words' : 'bytes'})`, () => {
      const text = `${OK}X-Long: abcdefg\r\nContent-Length: 3\r\n\r\nabc`;
      for (let place = 0; place < text.length; place++) {
        const parser = new Http1ResponseParser();
        readWhole(text, { parser, isAligned });
        const bytes = Buffer.from(text);
        bytes[place]! ^= 1;
        const other = readWhole(bytes, { parser, isAligned });
        assert.deepEqual(other, readWhole(bytes, { isAligned }), `byte ${place}`);
      }
    });
  }

  it('reads the same the second time, and a head that differs in one byte reads on its own', () => {
    const parser = new Http1ResponseParser();
    const first = readWhole(`${head}abc`, { parser });
    assert.deepEqual(readWhole(`${head}abc`, { parser }), first);
    assert.equal(completeReading(first).body, 'abc');
    const longer = head.replace('3', '5');
    assert.equal(completeReading(readWhole(`${longer}abcde`, { parser })).body, 'abcde');
    assert.equal(completeReading(readWhole(`${head}abc`, { parser })).body, 'abc');
  });

  it('is judged by each request anew: no body after HEAD, limits by what is kept', () => {
    const parser = new Http1ResponseParser();
    readWhole(`${head}abc`, { parser });
    const expectation = { ...KEEP_ALL, bodiless: true };
    assert.equal(completeReading(readWhole(head, { parser, expectation })).bodyBytes, 0);
    assert.equal(completeReading(readWhole(`${head}abc`, { parser })).bodyBytes, 3);
  });

  it('is shared between connections, cut or not', () => {
    const memo = new HeadMemo();
    const texts = [`${head}abc`, `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n`];
    const expected = texts.map((text) => readWhole(text));
    for (let round = 0; round < 3; round++) {
      for (const [index, text] of texts.entries()) {
        const bytes = Buffer.from(text);
        for (let cut = 1; cut < bytes.length; cut++) {
          const parser = new Http1ResponseParser(memo);
          readWhole(text, { parser });
          const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
          assert.deepEqual(readPieces(pieces, { parser }), expected[index]);
        }
      }
    }
  });
});
