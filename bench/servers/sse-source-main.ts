/**
 * Streams of events as fast as whoever reads takes them: each stream one event, in one write, a turn
 * of the event loop. It frames requests by their blank line and length, and nothing else.
 *
 *     node bench/servers/sse-source-main.ts PORT EVENTS
 */
import { createServer, type Socket } from 'node:net';

const [port, events] = process.argv.slice(2).map(Number) as [number, number];

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const event = (value: object): string => chunk(`data: ${JSON.stringify(value)}\n\n`);

const shared = { id: 'chatcmpl-8f0b7f6c2f5e4f9d', created: 1763829120, model: 'reference' };
const delta = { content: ' token' };
const HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n',
);
const TOKEN = Buffer.from(
  event({
    ...shared,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
  }),
);
const usage = { prompt_tokens: 5, completion_tokens: events, total_tokens: 5 + events };
const END = Buffer.from(
  `${event({ ...shared, choices: [], usage })}${chunk('data: [DONE]\n\n')}0\r\n\r\n`,
);

/** Stream → events that are still to be written. */
const open = new Map<Socket, number>();
let isTurning = false;

function turn(): void {
  for (const [socket, left] of open) {
    if (socket.writableNeedDrain) continue;
    if (left === 0) {
      socket.write(END);
      open.delete(socket);
    } else {
      socket.write(TOKEN);
      open.set(socket, left - 1);
    }
  }
  isTurning = open.size > 0;
  if (isTurning) setImmediate(turn);
}

function answer(socket: Socket): void {
  socket.write(HEAD);
  open.set(socket, events);
  if (!isTurning) setImmediate(turn);
  isTurning = true;
}

const server = createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.setEncoding('latin1').on('data', (piece) => {
    text += String(piece);
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (text.length < headEnd + 4 + length) return;
    const isPost = text.startsWith('POST ');
    text = '';
    if (isPost) answer(socket);
    else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => open.delete(socket));
});
server.listen(port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
