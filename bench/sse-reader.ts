/**
 * The least that a reader of streams can do: sockets that read into one buffer, and a search for the
 * end of each event. No stamps, no parsing, no counts but these.
 *
 *     node bench/sse-reader.ts PORT STREAMS SECONDS
 */
import { connect } from 'node:net';

const [port, streams, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
const WARMUP_SECONDS = 2;

const REQUEST = Buffer.from(
  'POST /v1/chat/completions HTTP/1.1\r\nhost: bench\r\ncontent-length: 0\r\n\r\n',
);
const EVENT_END = Buffer.from('\n\n');
const ANSWER_END = Buffer.from('\r\n0\r\n\r\n');
const buffer = Buffer.allocUnsafeSlow(65_536);
let events = 0;
let reads = 0;

for (let stream = 0; stream < streams; stream++) {
  const socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer,
      callback(byteCount) {
        reads++;
        const piece = buffer.subarray(0, byteCount);
        let at = piece.indexOf(EVENT_END);
        while (at !== -1) {
          events++;
          at = piece.indexOf(EVENT_END, at + 2);
        }
        if (piece.subarray(-ANSWER_END.length).equals(ANSWER_END)) socket.write(REQUEST);
        return true;
      },
    },
  });
  socket.on('connect', () => socket.write(REQUEST));
}

setTimeout(() => {
  const before = { events, reads, cpu: process.cpuUsage(), at: performance.now() };
  setTimeout(() => {
    const { user, system } = process.cpuUsage(before.cpu);
    const elapsedSeconds = (performance.now() - before.at) / 1e3;
    const counted = events - before.events;
    const report = {
      perSecond: counted / elapsedSeconds,
      perRead: counted / (reads - before.reads),
      cpuUs: (user + system) / counted,
    };
    console.log(JSON.stringify(report));
    process.exit(0);
  }, seconds * 1e3);
}, WARMUP_SECONDS * 1e3);
