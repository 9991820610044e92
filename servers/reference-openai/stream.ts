import type { ServerResponse } from 'node:http';
import type { AskedAnswer } from './request.ts';
import { callAt, monotonicNsOf, nowMs } from '../reference/schedule.ts';
import { chunkData, chunksOf, endData } from './shapes.ts';
import { VARIANTS } from './variants.ts';

/** When a request's tokens were written, in ms after its head had been read. */
export interface WrittenTimes {
  /** When that was, in ns of CLOCK_MONOTONIC. */
  readonly readAtNs: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** One piece of an answer and when it is due, in ms after the request was read. */
export interface Piece {
  readonly atMs: number;
  readonly text: string;
  readonly isToken: boolean;
}

/** The pieces of a whole stream; a role is named half way to the first token. */
export function piecesOf(asked: AskedAnswer): Piece[] {
  const { ttftMs, gapMs } = asked;
  const chunks = chunksOf(asked);
  let tokens = 0;
  const pieces = chunks.map((chunk, index): Piece => {
    const isToken = chunk.kind !== 'role';
    const atMs = isToken ? ttftMs + tokens * gapMs : ttftMs / 2;
    tokens = chunk.tokensSoFar;
    return { atMs, isToken, text: event(chunkData(asked, chunk, index === chunks.length - 1)) };
  });
  const lastMs = pieces.at(-1)?.atMs ?? ttftMs;
  const end = endData(asked).map(event);
  if (asked.done && asked.api !== 'responses') end.push(event('[DONE]'));
  if (end.length > 0) pieces.push({ atMs: lastMs, isToken: false, text: end.join('') });
  return pieces;
}

export function event(data: string): string {
  return `data: ${data}\n\n`;
}

export interface StreamedRequest {
  /** When the head of the request had been read. */
  readonly readAtMs: number;
  /** Told when the stream is whole. */
  written(times: WrittenTimes): void;
}

/** Writes a stream as asked. */
export function answerStreamed(
  asked: AskedAnswer,
  response: ServerResponse,
  request: StreamedRequest,
): void {
  const startMs = nowMs();
  response.socket?.setNoDelay(true);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const variant = VARIANTS[asked.variant];
  if (variant !== undefined) {
    variant(asked, response, piecesOf(asked));
    return;
  }
  writePieces(response, piecesOf(asked), startMs, request);
}

function writePieces(
  response: ServerResponse,
  pieces: readonly Piece[],
  startMs: number,
  { readAtMs, written }: StreamedRequest,
): void {
  let next = 0;
  let firstMs = Number.NaN;
  let lastMs = Number.NaN;
  const write = (): void => {
    if (response.destroyed) return;
    while (next < pieces.length && startMs + pieces[next]!.atMs <= nowMs()) {
      const { text, isToken } = pieces[next++]!;
      if (isToken) {
        lastMs = nowMs() - readAtMs;
        if (Number.isNaN(firstMs)) firstMs = lastMs;
      }
      response.write(text);
    }
    if (next < pieces.length) {
      callAt(startMs + pieces[next]!.atMs, write);
      return;
    }
    response.end();
    written({ readAtNs: monotonicNsOf(readAtMs), firstMs, lastMs });
  };
  write();
}
