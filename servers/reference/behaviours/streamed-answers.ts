import type { ServerResponse } from 'node:http';
import { blockBytes } from '../block.ts';
import type { Exchange } from '../exchange.ts';
import { finishNs } from '../freeze.ts';
import type { Behaviour } from './behaviour.ts';

const mostBodyBytes = 1_073_741_824;
const longestPauseMs = 600_000;

/** Content length N, in as few writes as possible. */
export const bytes: Behaviour = {
  answer(exchange) {
    const length = exchange.pathNumber({ least: 0, most: mostBodyBytes });
    const headers = ['content-type', 'application/octet-stream', 'content-length', String(length)];
    exchange.response.writeHead(200, exchange.depart(200).concat(headers));
    writeBody(exchange, { length, pieceBytes: blockBytes });
  },
};

/** N bytes in chunks of `?chunk=` bytes, the last one shorter; `?trailers=1` adds two trailers. */
export const chunked: Behaviour = {
  answer(exchange) {
    const length = exchange.pathNumber({ least: 0, most: mostBodyBytes });
    const pieceBytes = exchange.queryNumber('chunk', {
      least: 1,
      most: blockBytes,
      otherwise: 1024,
    });
    const trailers = exchange.queryNumber('trailers', { least: 0, most: 1, otherwise: 0 }) === 1;
    const { response } = exchange;
    const headers = ['content-type', 'application/octet-stream', 'transfer-encoding', 'chunked'];
    if (trailers) headers.push('trailer', 'x-body-bytes, x-done');
    response.writeHead(200, exchange.depart(200).concat(headers));
    // node:http joins the writes of one turn into one chunk; here the framing is part of the promise.
    response.chunkedEncoding = false;
    const tail = trailers ? `x-body-bytes: ${length}\r\nx-done: yes\r\n` : '';
    writeBody(exchange, { length, pieceBytes, frame: asChunk, end: `0\r\n${tail}\r\n` });
  },
};

/** N bytes whose end is the end of the connection, as HTTP/1.0 had it. */
export const closeDelimited: Behaviour = {
  answer(exchange) {
    const length = exchange.pathNumber({ least: 0, most: mostBodyBytes });
    const { response } = exchange;
    response.useChunkedEncodingByDefault = false;
    const headers = ['content-type', 'application/octet-stream', 'connection', 'close'];
    response.writeHead(200, exchange.depart(200).concat(headers));
    writeBody(exchange, { length, pieceBytes: blockBytes });
  },
};

/** N bytes, `?bytes=` of them every `?everyMs=` milliseconds, the first with the head. */
export const drip: Behaviour = {
  answer(exchange) {
    const length = exchange.pathNumber({ least: 0, most: mostBodyBytes });
    const everyMs = exchange.queryNumber('everyMs', {
      least: 0,
      most: longestPauseMs,
      otherwise: 10,
    });
    const pieceBytes = exchange.queryNumber('bytes', { least: 1, most: blockBytes, otherwise: 1 });
    const headers = ['content-type', 'application/octet-stream', 'content-length', String(length)];
    exchange.response.writeHead(200, exchange.depart(200).concat(headers));
    const { block, deadlines, freeze } = exchange.surroundings;
    let sent = 0;
    const pour = (dueNs: number): void => {
      if (!exchange.canWrite) return;
      const size = Math.min(pieceBytes, length - sent);
      const from = sent % blockBytes;
      sent += size;
      if (sent === length) {
        exchange.response.end(block.subarray(from, from + size));
        return;
      }
      exchange.response.write(block.subarray(from, from + size));
      const nextNs = finishNs(dueNs, everyMs * 1e6, freeze);
      deadlines.at(nextNs, () => pour(nextNs));
    };
    pour(exchange.dueNs);
  },
};

/** Status line and headers in separate writes, spread evenly over `?ms=`; then the body. */
export const slowHeaders: Behaviour = {
  ownMs: true,
  answer(exchange) {
    const ms = exchange.queryNumber('ms', { least: 0, most: longestPauseMs, otherwise: 100 });
    const { socket, surroundings } = exchange;
    const headers = ['content-type', 'text/plain', 'content-length', '3', 'connection', 'close'];
    const lines = exchange.rawHead('200 OK', headers).split(/(?<=\r\n)/);
    const stepNs = Math.round((ms * 1e6) / (lines.length - 1));
    const writeLine = (index: number, dueNs: number): void => {
      if (!exchange.canWrite) return;
      if (index === lines.length - 1) {
        socket.end(`${lines[index]}ok\n`);
        return;
      }
      socket.write(lines[index]!);
      const nextNs = finishNs(dueNs, stepNs, surroundings.freeze);
      surroundings.deadlines.at(nextNs, () => writeLine(index + 1, nextNs));
    };
    writeLine(0, exchange.dueNs);
  },
};

interface Body {
  readonly length: number;
  readonly pieceBytes: number;
  readonly frame?: (piece: Buffer) => Buffer;
  /** What follows the last piece. */
  readonly end?: string;
}

function asChunk(piece: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, lineEnd]);
}

const lineEnd = Buffer.from('\r\n');

/** Writes `length` seeded bytes in pieces of exactly `pieceBytes` and ends the answer. */
function writeBody(exchange: Exchange, { length, pieceBytes, frame, end = '' }: Body): void {
  const response: ServerResponse = exchange.response;
  const { block } = exchange.surroundings;
  let sent = 0;
  const pump = (): void => {
    while (sent < length) {
      if (!exchange.canWrite) return;
      const from = sent % blockBytes;
      const piece = block.subarray(from, from + Math.min(pieceBytes, length - sent));
      sent += piece.length;
      const roomLeft = response.write(frame === undefined ? piece : frame(piece));
      if (!roomLeft && sent < length) {
        response.once('drain', pump);
        return;
      }
    }
    response.end(end);
  };
  pump();
}
