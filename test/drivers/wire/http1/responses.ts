import assert from 'node:assert/strict';
import {
  Http1ResponseParser,
  RESPONSE_COMPLETE,
  RESPONSE_CUT_OFF,
  RESPONSE_OPEN,
  type ResponseExpectation,
} from '../../../../src/drivers/wire/http1/response-parser.ts';
import { fieldsOf } from '../../../../src/drivers/wire/http1/field-line.ts';

/** What became of a response. */
export type Reading =
  | {
      readonly kind: 'complete';
      readonly status: number;
      readonly keepAlive: boolean;
      readonly headers: Record<string, string>;
      readonly body: string;
      readonly bodyBytes: number;
      /** Bytes behind the response. */
      readonly surplus: number;
    }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'cut off' }
  | { readonly kind: 'open' };

export const KEEP_ALL: ResponseExpectation = { bodiless: false, keepHead: true, keepBody: true };

/** What stands in the buffer before a piece, and is none of its business. */
const UNALIGNED = Buffer.from('\r\nHTTP');
const ALIGNED = Buffer.from('\r\nHTTP/1');

export interface ReadOptions {
  readonly parser?: Http1ResponseParser;
  readonly expectation?: ResponseExpectation;
  /** Pieces begin at whole words of memory. */
  readonly isAligned?: boolean;
  /** The connection ends behind the last piece. */
  readonly thenEnds?: boolean;
}

/** Reads a response that arrives in `pieces`, each at a place of its own in a larger buffer. */
export function readPieces(pieces: readonly Buffer[], options: ReadOptions = {}): Reading {
  const parser = options.parser ?? new Http1ResponseParser();
  parser.begin(options.expectation ?? KEEP_ALL);
  let surplus = 0;
  for (const piece of pieces) {
    if (parser.state !== RESPONSE_OPEN) {
      surplus += piece.length;
      continue;
    }
    const before = options.isAligned === true ? ALIGNED : UNALIGNED;
    const padded = Buffer.concat([before, piece, Buffer.from('\n\r\n')]);
    const end = parser.take(padded, before.length, before.length + piece.length);
    surplus += before.length + piece.length - end;
    padded.fill(0x2a);
  }
  if (options.thenEnds === true) parser.takeEnd();
  return readingOf(parser, surplus);
}

/** Reads a response that arrives in one piece. */
export function readWhole(text: string | Buffer, options: ReadOptions = {}): Reading {
  return readPieces([typeof text === 'string' ? Buffer.from(text, 'latin1') : text], options);
}

/** The reading, which must be complete. */
export function completeReading(reading: Reading): Extract<Reading, { kind: 'complete' }> {
  if (reading.kind !== 'complete') assert.fail(`not complete: ${JSON.stringify(reading)}`);
  return reading;
}

function readingOf(parser: Http1ResponseParser, surplus: number): Reading {
  if (parser.state === RESPONSE_OPEN) return { kind: 'open' };
  if (parser.state === RESPONSE_CUT_OFF) return { kind: 'cut off' };
  if (parser.state !== RESPONSE_COMPLETE) return { kind: 'failed', reason: parser.reason };
  return {
    kind: 'complete',
    status: parser.status,
    keepAlive: parser.keepAlive,
    headers: fieldsOf(parser.head.bytes, parser.head.length),
    body: parser.body.bytes.toString('latin1', 0, parser.body.length),
    bodyBytes: parser.bodyBytes,
    surplus,
  };
}
