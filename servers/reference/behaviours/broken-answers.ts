import type { Behaviour } from './behaviour.ts';

/**
 * What no server should do. These write to the socket past node:http and close the connection
 * afterwards, all but `pipelinedExtra`. None of them knows about pipelined requests: with answers
 * outstanding on the same connection their bytes would overtake.
 */

const announcedBytes = 1_000;
const sentBytes = 400;

/** `?reset=1` ends the connection with a TCP reset in place of an orderly end. */
export const closeMidBody: Behaviour = {
  answer(exchange) {
    const reset = exchange.queryNumber('reset', { least: 0, most: 1, otherwise: 0 }) === 1;
    const { socket, surroundings } = exchange;
    const headers = ['content-type', 'application/octet-stream'];
    headers.push('content-length', String(announcedBytes));
    socket.cork();
    socket.write(exchange.rawHead('200 OK', headers), 'latin1');
    socket.write(surroundings.block.subarray(0, sentBytes), () => {
      if (reset) socket.resetAndDestroy();
      else socket.destroy();
    });
    socket.uncork();
  },
};

export const closeBeforeAnswer: Behaviour = {
  answer(exchange) {
    if (exchange.queryNumber('reset', { least: 0, most: 1, otherwise: 0 }) === 1) {
      exchange.socket.resetAndDestroy();
    } else exchange.socket.destroy();
  },
};

/** An established connection that ends with a TCP reset: what a crashed or overrun server does. */
export const reset: Behaviour = {
  answer({ socket }) {
    socket.resetAndDestroy();
  },
};

/** The first line alone already rules out HTTP, whatever the seeded bytes after it look like. */
export const garbage: Behaviour = {
  answer({ socket, surroundings }) {
    socket.write('!! this is not HTTP\r\n');
    socket.end(surroundings.block.subarray(0, sentBytes));
  },
};

export const garbageAfterHeaders: Behaviour = {
  answer(exchange) {
    const headers = ['content-type', 'text/plain', 'transfer-encoding', 'chunked'];
    exchange.socket.end(
      `${exchange.rawHead('200 OK', headers)}5\r\nfirst\r\nxyz\r\nnot a size\r\n`,
    );
  },
};

/** The connection stays open until the client or the server goes. */
export const silence: Behaviour = {
  answer() {},
};

/** A second answer that nobody asked for, in the same packet as the first. */
export const pipelinedExtra: Behaviour = {
  answer(exchange) {
    const { socket } = exchange;
    socket.cork();
    exchange.answer(200, 'text/plain', 'ok\n');
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\nextra\n');
    socket.uncork();
  },
};
