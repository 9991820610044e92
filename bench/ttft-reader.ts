/**
 * The least that tells a time to first token: sockets that send the request of
 * bench/scenarios/stream-rate.yaml at its rate, and a look for the second event, which is the first
 * after the role. Prints what it saw of each stream that counts: when it was sent, in ns of
 * CLOCK_MONOTONIC, and its time to first token in ns.
 *
 *     node bench/ttft-reader.ts PORT RATE SECONDS
 */
import { connect } from 'node:net';
import { clockOriginNs } from '../src/base/time/clock.ts';

const [port, ratePerSecond, seconds] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
];
/** As the scenario has it: the first streams are not counted, and all live at once by then. */
const WARMUP_SECONDS = 8;

const body = JSON.stringify({
  model: 'reference',
  messages: [{ role: 'user', content: 'one after the other' }],
  max_tokens: 9,
  stream: true,
});
const REQUEST = Buffer.from(
  `POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n` +
    `connection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
);
const EVENT = Buffer.from('data: ');

const first = Math.round(WARMUP_SECONDS * ratePerSecond);
const total = first + Math.round(seconds * ratePerSecond);
const originNs = clockOriginNs();
const streams: { readonly sentNs: number; readonly ttftNs: number }[] = [];
const startedAt = performance.now();
let begun = 0;
let ended = 0;

/** Sends what is due by now; a timer of one millisecond is as even as it needs to be. */
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - startedAt) / 1e3) * ratePerSecond);
  while (begun < Math.min(due, total)) stream(begun++);
  if (begun === total) clearInterval(timer);
}, 1);

function stream(number: number): void {
  let events = 0;
  let sentMs = 0;
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  // Opened before the stamp, as loadgen's connections are.
  socket.on('connect', () => {
    sentMs = performance.now();
    socket.write(REQUEST);
  });
  socket.on('data', (piece: Buffer) => {
    const nowMs = performance.now();
    if (events >= 2) return;
    for (let at = piece.indexOf(EVENT); at !== -1; at = piece.indexOf(EVENT, at + 1)) events++;
    if (events < 2 || number < first) return;
    streams.push({ sentNs: originNs + sentMs * 1e6, ttftNs: (nowMs - sentMs) * 1e6 });
  });
  socket.on('close', () => {
    if (++ended === total) console.log(JSON.stringify(streams));
  });
}
