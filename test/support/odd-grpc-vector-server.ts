/**
 * A server in the clothes of Weaviate and Milvus: it knows no vectors, but answers a search as the
 * text `~NAME:NUMBER~` anywhere in its message says, well without.
 */
import { createServer as createHttpServer } from 'node:http';
import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { callAt, nowMs } from '../../servers/reference/schedule.ts';
import { framedMessage } from '../../src/drivers/wire/grpc/message-frame.ts';

let connections = 0;
const server = createServer();
server.on('session', () => connections++);
server.on('stream', (stream) => void handle(stream as ServerHttp2Stream));
server.listen(0, '127.0.0.1', () => {
  // The connections of those who ask are none of the server's.
  const counting = createHttpServer((_, response) => void response.end(String(connections)));
  counting.listen(0, '127.0.0.1', () => {
    const ports = [server, counting].map((each) => (each.address() as AddressInfo).port);
    console.log(ports.join(' '));
  });
});

async function handle(stream: ServerHttp2Stream): Promise<void> {
  stream.on('error', () => {});
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const message = Buffer.concat(chunks).toString('latin1');
  const [, name = 'ok', number = '0'] = /~([a-z-]+):(\d+)~/.exec(message) ?? [];
  behave(stream, name, Number(number));
}

function behave(stream: ServerHttp2Stream, name: string, number: number): void {
  switch (name) {
    case 'delayed':
      callAt(nowMs() + number, () => answer(stream, Buffer.alloc(0)));
      return;
    case 'large':
      // A field that neither of them has, full of nothing.
      answer(
        stream,
        Buffer.concat([Buffer.from([0xfa, 0x7f, ...lengthOf(number)]), Buffer.alloc(number)]),
      );
      return;
    case 'status':
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(number) },
        { endStream: true },
      );
      return;
    case 'silence':
      return;
    case 'die':
      process.exit(1);
      break;
    case 'no-grpc':
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<html>');
      return;
    case 'close':
      stream.session!.destroy();
      return;
    default:
      answer(stream, Buffer.alloc(0));
  }
}

/** An empty message is an answer without hits to both of them. */
function answer(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(framedMessage(message));
}

function lengthOf(number: number): number[] {
  return [(number & 0x7f) | 0x80, ((number >> 7) & 0x7f) | 0x80, number >> 14];
}
