import type { ServerResponse } from 'node:http';
import type { AskedAnswer } from './request.ts';
import type { Piece } from './stream.ts';

/** What a server can do to a client that asked for a stream. */
type Variant = (asked: AskedAnswer, response: ServerResponse, pieces: readonly Piece[]) => void;

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const all = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join('');
const half = (pieces: readonly Piece[]): readonly Piece[] =>
  pieces.slice(0, Math.ceil(pieces.length / 2));

function writeSlowly(response: ServerResponse, bytes: Buffer, pieceBytes: number): void {
  let at = 0;
  const write = (): void => {
    if (response.destroyed) return;
    if (at >= bytes.length) {
      response.end();
      return;
    }
    response.write(bytes.subarray(at, at + pieceBytes));
    at += pieceBytes;
    setImmediate(write);
  };
  write();
}

/** Writes for as long as the client takes it, one piece every `everyMs`. */
function writeForever(response: ServerResponse, text: string, everyMs: number): void {
  const timer = setInterval(() => {
    if (response.destroyed) clearInterval(timer);
    else if (!response.writableNeedDrain) response.write(text);
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}

export const VARIANTS: Readonly<Record<string, Variant>> = {
  /** Half of the answer, and then nothing. */
  stall: (_, response, pieces) => void response.write(all(half(pieces))),
  garbage: (_, response, pieces) =>
    void response.end(`${all(half(pieces))}data: {"choices": [oops\n\n${all(pieces)}`),
  'half-event': (_, response, pieces) => {
    const text = all(pieces);
    response.end(text.slice(0, text.length - 20));
  },
  'cut-off': (_, response, pieces) => {
    response.write(all(half(pieces)));
    setTimeout(() => response.destroy(), 5);
  },
  'no-usage': (_, response, pieces) =>
    void response.end(all(pieces.filter(({ isToken }) => isToken)) + 'data: [DONE]\n\n'),
  error: (_, response, pieces) => {
    const error = { message: 'out of memory', type: 'server_error', code: 500 };
    response.end(`${all(half(pieces))}${event({ error })}data: [DONE]\n\n`);
  },
  /** The error, and then nothing. */
  'error-stall': (_, response, pieces) => {
    const error = { message: 'out of memory', type: 'server_error', code: null };
    response.write(all(half(pieces)) + event({ error }));
  },
  overload: (_, response) => {
    const error = { message: 'too many requests', type: 'overloaded', code: 429 };
    response.end(`${event({ error })}data: [DONE]\n\n`);
  },
  'without-done': (_, response, pieces) =>
    void response.end(all(pieces).replace('data: [DONE]\n\n', '')),
  /** All events in one segment. */
  'one-segment': (_, response, pieces) => void response.end(all(pieces)),
  /** Each event over many segments, cut within characters too. */
  'many-segments': (_, response, pieces) => writeSlowly(response, Buffer.from(all(pieces)), 7),
  comments: (_, response, pieces) => {
    const commented = pieces.map(({ text }) => `: keep-alive\n\n${text}`);
    response.end(commented.join(''));
  },
  /** Comments only, for ever. */
  'only-comments': (_, response) => writeForever(response, ': keep-alive\n\n', 2),
  /** Comments only, and an end. */
  'no-token': (_, response) => void response.end(': keep-alive\n\ndata: [DONE]\n\n'),
  'only-role': (asked, response, pieces) => {
    const [role] = pieces;
    response.end(`${asked.roleChunks > 0 ? role!.text : ''}data: [DONE]\n\n`);
  },
  /** Tokens for ever. */
  endless: (_, response, pieces) => {
    const token = pieces.find(({ isToken }) => isToken)!.text;
    writeForever(response, token, 2);
  },
  /** As many tokens as the client takes. */
  flood: (_, response, pieces) => {
    const tokens = pieces.find(({ isToken }) => isToken)!.text.repeat(500);
    const pour = (): void => {
      while (!response.destroyed && response.write(tokens));
    };
    response.on('drain', pour);
    pour();
  },
  /** One event that never ends. */
  'endless-event': (_, response) => {
    response.write('data: {"choices": [{"delta": {"content": "');
    const text = 'x'.repeat(65_536);
    const pour = (): void => {
      while (!response.destroyed && response.write(text));
    };
    response.on('drain', pour);
    pour();
  },
  /** An answer in one piece where a stream was asked for. */
  json: (_, response) => void response.end(JSON.stringify({ choices: [{ text: 'whole' }] })),
  'carriage-returns': (_, response, pieces) =>
    void response.end(`\uFEFF${all(pieces).replaceAll('\n', '\r\n')}`),
};
