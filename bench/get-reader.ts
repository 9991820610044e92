/**
 * The least that tells how long an answer takes: sockets that send one GET after the other and look
 * at the clock. Prints the times from the write to the read that ended the answer, in ns, and how many
 * requests it sent before, while it warmed up.
 *
 *     node bench/get-reader.ts PORT CONNECTIONS SECONDS
 */
import { connect, type Socket } from 'node:net';

const [port, connections, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
/** As in the case that runs it. */
const WARMUP_MS = 3_000;
const REQUEST = 'GET /?a HTTP/1.1\r\nhost: bench\r\n\r\n';
/** The server says how long its body is; it is in the read that its head is in. */
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
const HEAD_END = '\r\n\r\n';

const timesNs: number[] = [];
const startedMs = performance.now();
const measureMs = startedMs + WARMUP_MS;
const endMs = measureMs + seconds * 1_000;
let warmups = 0;
let open = connections;

for (let index = 0; index < connections; index++) {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.setEncoding('latin1');
  socket.on('connect', () => ask(socket));
}

function ask(socket: Socket): void {
  const sentMs = performance.now();
  if (sentMs >= endMs) {
    socket.destroy();
    if (--open === 0) console.log(JSON.stringify({ warmups, timesNs }));
    return;
  }
  socket.write(REQUEST, 'latin1');
  let answer = '';
  const read = (piece: string): void => {
    const doneMs = performance.now();
    answer += piece;
    if (!isWhole(answer)) return;
    socket.off('data', read);
    if (sentMs < measureMs) warmups++;
    else timesNs.push((doneMs - sentMs) * 1e6);
    ask(socket);
  };
  socket.on('data', read);
}

function isWhole(answer: string): boolean {
  const bodyAt = answer.indexOf(HEAD_END) + HEAD_END.length;
  const length = LENGTH.exec(answer)?.[1];
  return length !== undefined && answer.length === bodyAt + Number(length);
}
