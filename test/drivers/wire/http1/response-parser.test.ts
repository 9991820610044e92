import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  HTTP1_BODY_LIMIT_BYTES,
  HTTP1_CHUNK_LINE_LIMIT_BYTES,
  HTTP1_HEAD_LIMIT_BYTES,
  HTTP1_INTERIM_LIMIT,
  HTTP1_KEPT_BODY_LIMIT_BYTES,
  HTTP1_LINE_LIMIT_BYTES,
} from '../../../../src/drivers/wire/http1/limits.ts';
import {
  Http1ResponseParser,
  RESPONSE_FAILED,
  RESPONSE_OPEN,
} from '../../../../src/drivers/wire/http1/response-parser.ts';
import { completeReading, KEEP_ALL, readWhole } from './responses.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

describe('a response that is complete', () => {
  interface Row {
    readonly title: string;
    readonly text: string;
    readonly status?: number;
    readonly body?: string;
    readonly keepAlive?: boolean;
    readonly surplus?: number;
    readonly head?: boolean;
  }
  const rows: readonly Row[] = [
    {
      title: 'has content-length bytes',
      text: `${OK}Content-Length: 5\r\n\r\nhello`,
      body: 'hello',
    },
    { title: 'may have none', text: `${OK}content-length: 0\r\n\r\n` },
    {
      title: 'may repeat one length',
      text: `${OK}Content-Length: 2\r\ncontent-length: 02\r\n\r\nab`,
      body: 'ab',
    },
    {
      title: 'may come in chunks',
      text: `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n`,
      body: 'abc0123456789',
    },
    {
      title: 'may spell chunked as it likes',
      text: `${OK}TRANSFER-encoding: \t Chunked \r\n\r\n0\r\n\r\n`,
    },
    {
      title: 'may have chunk extensions',
      text: `${OK}Transfer-Encoding: chunked\r\n\r\n3;a=b;c="d e"\r\nabc\r\n0;x\r\n\r\n`,
      body: 'abc',
    },
    {
      title: 'may have trailers',
      text: `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nDigest: abc\r\nContent-Length: 7\r\n\r\n`,
      body: 'x',
    },
    {
      title: 'has no body with 204, whatever its header says',
      text: 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
      status: 204,
    },
    {
      title: 'has no body with 304',
      text: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      status: 304,
    },
    { title: 'has no body after HEAD', text: `${OK}Content-Length: 5\r\n\r\n`, head: true },
    {
      title: 'has no chunks after HEAD',
      text: `${OK}Transfer-Encoding: chunked\r\n\r\n`,
      head: true,
    },
    {
      title: 'may follow interim responses',
      text: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${OK}Content-Length: 1\r\n\r\ny`,
      body: 'y',
    },
    {
      title: 'ends the connection when it says so',
      text: `${OK}Connection: close\r\nContent-Length: 1\r\n\r\ny`,
      body: 'y',
      keepAlive: false,
    },
    {
      title: 'ends the connection when close stands in a list',
      text: `${OK}Connection: x, Close ,y\r\nContent-Length: 0\r\n\r\n`,
      keepAlive: false,
    },
    {
      title: 'ends the connection with HTTP/1.0',
      text: 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\ny',
      body: 'y',
      keepAlive: false,
    },
    {
      title: 'keeps the connection with HTTP/1.0 and keep-alive',
      text: 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\ny',
      body: 'y',
    },
    {
      title: 'may have no reason phrase, nor the blank before it',
      text: 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n',
    },
    {
      title: 'may have bytes above ASCII in reason and values',
      text: 'HTTP/1.1 200 \xe9t\xe9\r\nX: \xe9\r\nContent-Length: 0\r\n\r\n',
    },
    {
      title: 'may have any status from 200 on',
      text: 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n',
      status: 999,
    },
    {
      title: 'leaves what follows it',
      text: `${OK}Content-Length: 2\r\n\r\nabHTTP/1.1`,
      body: 'ab',
      surplus: 8,
    },
    {
      title: 'leaves what follows its chunks',
      text: `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nx`,
      surplus: 1,
    },
    {
      title: 'leaves what follows 204',
      text: 'HTTP/1.1 204 No Content\r\n\r\nx',
      status: 204,
      surplus: 1,
    },
  ];
  for (const row of rows) {
    it(row.title, () => {
      const expectation = { ...KEEP_ALL, bodiless: row.head ?? false };
      const reading = completeReading(readWhole(row.text, { expectation }));
      assert.equal(reading.status, row.status ?? 200);
      assert.equal(reading.body, row.body ?? '');
      assert.equal(reading.bodyBytes, (row.body ?? '').length);
      assert.equal(reading.keepAlive, row.keepAlive ?? true);
      assert.equal(reading.surplus, row.surplus ?? 0);
    });
  }

  it('lasts until the connection ends where nothing else says how long it is', () => {
    const text = `${OK}Content-Type: text/plain\r\n\r\nhello`;
    assert.equal(readWhole(text).kind, 'open');
    const reading = completeReading(readWhole(text, { thenEnds: true }));
    assert.equal(reading.body, 'hello');
    assert.equal(reading.keepAlive, false);
  });

  it('gives header values by lower-case name, without blanks around them, joined by commas', () => {
    const reading = completeReading(
      readWhole(`${OK}X-A: 1\r\nx-a:\t2 \r\nConstructor: c\r\nEmpty:\r\nContent-Length: 0\r\n\r\n`),
    );
    assert.deepEqual(reading.headers, {
      'x-a': '1, 2',
      constructor: 'c',
      empty: '',
      'content-length': '0',
    });
  });

  it('keeps the final head only, not that of an interim response', () => {
    const reading = completeReading(
      readWhole(`HTTP/1.1 103 Early\r\nLink: x\r\n\r\n${OK}A: b\r\nContent-Length: 0\r\n\r\n`),
    );
    assert.deepEqual(reading.headers, { a: 'b', 'content-length': '0' });
  });

  it('keeps neither head nor body where nobody asks for them', () => {
    const expectation = { bodiless: false, keepHead: false, keepBody: false };
    const reading = completeReading(
      readWhole(`${OK}Content-Length: 5\r\n\r\nhello`, { expectation }),
    );
    assert.deepEqual([reading.headers, reading.body, reading.bodyBytes], [{}, '', 5]);
  });
});

describe('bytes that are refused', () => {
  const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
  const rows: readonly (readonly [title: string, text: string, reason: string])[] = [
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'bad status line'],
    ['another protocol without a line end', 'SSH-2.0-OpenSSH_9.2', 'bad status line'],
    ['a blank line before the status line', '\r\nHTTP/1.1 200 OK\r\n\r\n', 'bad status line'],
    ['HTTP/2 as a version', 'HTTP/2.0 200 OK\r\n\r\n', 'bad status line'],
    ['HTTP/1.2 as a version', 'HTTP/1.2 200 OK\r\n\r\n', 'bad status line'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n', 'bad status line'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'bad status line'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n', 'bad status line'],
    ['a status line that ends in LF alone', 'HTTP/1.1 200 OK\nA: b\r\n\r\n', 'bad status line'],
    ['a control character in the reason', 'HTTP/1.1 200 O\x00K\r\n\r\n', 'bad status line'],
    ['a header line that ends in LF alone', `${OK}A: b\nC: d\r\n\r\n`, 'bad header value'],
    ['a blank line that is LF alone', `${OK}A: b\r\n\n`, 'bad header name'],
    ['CR inside a value', `${OK}A: b\rc\r\n\r\n`, 'bad header value'],
    ['a NUL in a value', `${OK}A: b\x00c\r\n\r\n`, 'bad header value'],
    ['a folded line', `${OK}A: b\r\n c\r\n\r\n`, 'folded header line'],
    ['a header line without a colon', `${OK}Hello\r\n\r\n`, 'bad header name'],
    ['a blank before the colon', `${OK}A : b\r\n\r\n`, 'bad header name'],
    ['an empty name', `${OK}: b\r\n\r\n`, 'bad header name'],
    ['a length that is no number', `${OK}Content-Length: 5x\r\n\r\n`, 'bad content-length'],
    ['a negative length', `${OK}Content-Length: -5\r\n\r\n`, 'bad content-length'],
    ['an empty length', `${OK}Content-Length: \r\n\r\n`, 'bad content-length'],
    ['a list of lengths', `${OK}Content-Length: 5, 5\r\n\r\n`, 'bad content-length'],
    [
      'a length of 16 digits',
      `${OK}Content-Length: 0000000000000005\r\n\r\n`,
      'bad content-length',
    ],
    [
      'two lengths',
      `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`,
      'two content-lengths that differ',
    ],
    [
      'a length beside chunks',
      `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'content-length beside transfer-encoding',
    ],
    [
      'chunks beside a length',
      `${OK}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`,
      'content-length beside transfer-encoding',
    ],
    [
      'another transfer coding',
      `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`,
      'transfer-encoding other than chunked',
    ],
    [
      'chunked twice',
      `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'transfer-encoding other than chunked',
    ],
    [
      'chunks in HTTP/1.0',
      'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      'transfer-encoding in HTTP/1.0',
    ],
    ['an interim response in HTTP/1.0', 'HTTP/1.0 100 Go\r\n\r\n', 'interim response in HTTP/1.0'],
    [
      'a switch of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
      'protocol switch (101)',
    ],
    ['a chunk size that is no number', `${chunked}xyz\r\n`, 'bad chunk size'],
    ['an empty chunk size', `${chunked}\r\n`, 'bad chunk size'],
    ['a blank behind a chunk size', `${chunked}3 \r\nabc`, 'bad chunk size'],
    ['a chunk size with 0x', `${chunked}0x3\r\nabc`, 'bad chunk size'],
    ['a chunk size beyond all numbers', `${chunked}FFFFFFFFFFFFFFFF\r\n`, 'bad chunk size'],
    ['a chunk size line that ends in LF alone', `${chunked}3\nabc\r\n`, 'bad chunk size'],
    ['a control character in an extension', `${chunked}3;a\x01\r\nabc\r\n`, 'bad chunk extension'],
    ['an extension that ends in LF alone', `${chunked}3;a\nabc\r\n`, 'bad chunk extension'],
    ['a chunk longer than its size', `${chunked}3\r\nabcd\r\n`, 'no line end after a chunk'],
    ['a chunk that ends in LF alone', `${chunked}3\r\nabc\n0\r\n\r\n`, 'no line end after a chunk'],
    ['a chunk that ends in CR alone', `${chunked}3\r\nabc\r0\r\n\r\n`, 'no line end after a chunk'],
    ['a bad trailer', `${chunked}0\r\nbad trailer\r\n\r\n`, 'bad header name'],
    ['a folded trailer', `${chunked}0\r\nA: b\r\n c\r\n\r\n`, 'folded header line'],
  ];
  for (const [title, text, reason] of rows) {
    it(`${title}: ${reason}`, () => {
      assert.deepEqual(readWhole(text), { kind: 'failed', reason });
    });
  }
});

describe('a response that is cut off', () => {
  const texts = ['', 'HT', OK, `${OK}Content-Length: 5\r\n\r\nhell`, `${OK}Content-Le`];
  const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
  for (const text of [
    ...texts,
    chunked,
    `${chunked}3\r\nab`,
    `${chunked}0\r\n`,
    `${chunked}0\r\nA: b\r\n`,
  ]) {
    it(`is no response: ${JSON.stringify(text.slice(-20))}`, () => {
      assert.deepEqual(readWhole(text, { thenEnds: true }), { kind: 'cut off' });
    });
  }
});

describe('limits', () => {
  function refused(text: string): string {
    const reading = readWhole(text);
    assert.equal(reading.kind, 'failed', JSON.stringify(reading).slice(0, 100));
    return (reading as { reason: string }).reason;
  }
  /** A header line of exactly `bytes` with its line end. */
  const line = (bytes: number): string => `A: ${'x'.repeat(bytes - 5)}\r\n`;
  const end = 'Content-Length: 0\r\n\r\n';

  it('a line may be as long as the limit and no longer, with or without its end', () => {
    completeReading(readWhole(OK + line(HTTP1_LINE_LIMIT_BYTES) + end));
    const reason = `line over ${HTTP1_LINE_LIMIT_BYTES} bytes`;
    assert.equal(refused(OK + line(HTTP1_LINE_LIMIT_BYTES + 1) + end), reason);
    assert.equal(refused(`${OK}A: ${'x'.repeat(HTTP1_LINE_LIMIT_BYTES)}`), reason);
  });

  it('a head may be as long as the limit and no longer', () => {
    const lines = line(8192).repeat(HTTP1_HEAD_LIMIT_BYTES / 8192 - 1);
    const rest = HTTP1_HEAD_LIMIT_BYTES - OK.length - lines.length - end.length;
    completeReading(readWhole(OK + lines + line(rest) + end));
    const reason = `head over ${HTTP1_HEAD_LIMIT_BYTES} bytes`;
    assert.equal(refused(OK + lines + line(rest + 1) + end), reason);
  });

  it('trailers have the same limit', () => {
    const trailers = line(8192).repeat(HTTP1_HEAD_LIMIT_BYTES / 8192 + 1);
    const text = `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${trailers}\r\n`;
    assert.equal(refused(text), `head over ${HTTP1_HEAD_LIMIT_BYTES} bytes`);
  });

  it('a chunk may have extensions up to the limit', () => {
    const text = (length: number): string =>
      `${OK}Transfer-Encoding: chunked\r\n\r\n0;${'x'.repeat(length)}\r\n\r\n`;
    completeReading(readWhole(text(HTTP1_CHUNK_LINE_LIMIT_BYTES - 2)));
    const reason = `chunk line over ${HTTP1_CHUNK_LINE_LIMIT_BYTES} bytes`;
    assert.equal(refused(text(HTTP1_CHUNK_LINE_LIMIT_BYTES)), reason);
    assert.equal(refused(`${OK}Transfer-Encoding: chunked\r\n\r\n${'0'.repeat(10_000)}`), reason);
  });

  it('interim responses end', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
    completeReading(readWhole(interim.repeat(HTTP1_INTERIM_LIMIT) + OK + end));
    const reason = `more than ${HTTP1_INTERIM_LIMIT} interim responses`;
    assert.equal(refused(interim.repeat(HTTP1_INTERIM_LIMIT + 1) + OK + end), reason);
  });

  it('a body over its limit is refused as soon as the head or the chunks say so', () => {
    const parser = new Http1ResponseParser();
    const read = (text: string, keepBody: boolean): string => {
      parser.begin({ bodiless: false, keepHead: false, keepBody });
      parser.take(Buffer.from(text), 0, text.length);
      return parser.state === RESPONSE_FAILED ? parser.reason : '';
    };
    const withLength = (length: number): string => `${OK}Content-Length: ${length}\r\n\r\n`;
    assert.equal(read(withLength(HTTP1_BODY_LIMIT_BYTES), false), '');
    assert.equal(read(withLength(HTTP1_BODY_LIMIT_BYTES + 1), false), 'body over 256 MiB');
    assert.equal(read(withLength(HTTP1_KEPT_BODY_LIMIT_BYTES), true), '');
    assert.equal(read(withLength(HTTP1_KEPT_BODY_LIMIT_BYTES + 1), true), 'kept body over 32 MiB');
  });

  it('a body without a length is refused once it is over its limit', () => {
    const parser = new Http1ResponseParser();
    parser.begin({ bodiless: false, keepHead: false, keepBody: false });
    parser.take(Buffer.from(`${OK}\r\n`), 0, OK.length + 2);
    const mebibyte = Buffer.alloc(1024 * 1024);
    for (let count = 0; count < 256; count++) parser.take(mebibyte, 0, mebibyte.length);
    assert.equal(parser.state, RESPONSE_OPEN);
    parser.take(mebibyte, 0, 1);
    assert.equal(parser.reason, 'body over 256 MiB');
  });
});
