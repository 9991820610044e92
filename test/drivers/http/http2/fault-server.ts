/**
 * Node's own HTTP/2, plain, which answers well or badly as the path says. A process of its own: it
 * prints its port and ends when it is told to.
 */
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { callAt, nowMs } from '../../../../servers/reference/schedule.ts';

let connectionsAccepted = 0;
const server = http2.createServer({ maxSessionMemory: 1000, maxSendHeaderBlockLength: 2 ** 20 });
server.on('session', () => connectionsAccepted++);
server.on('sessionError', () => {});
server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
  stream.on('error', () => {});
  stream.resume();
  const url = new URL(headers[':path'] ?? '/', 'http://localhost');
  const [, name = '', argument = ''] = url.pathname.split('/');
  stream.on('end', () => ANSWERS[name]?.(stream, argument, url.searchParams));
});

type Answer = (stream: http2.ServerHttp2Stream, argument: string, query: URLSearchParams) => void;

const ANSWERS: Readonly<Record<string, Answer>> = {
  json: (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end('{"ok":true}');
  },
  count: (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(String(connectionsAccepted));
  },
  fixed: (stream, _, query) => {
    callAt(nowMs() + Number(query.get('ms')), () => {
      if (stream.destroyed) return;
      stream.respond({ ':status': 200 });
      stream.end('late');
    });
  },
  large: (stream, bytes) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-after': 'it' }));
    for (let left = Number(bytes); left > 0; left -= 1000) {
      stream.write(Buffer.alloc(Math.min(left, 1000), 'p'));
    }
    stream.end();
  },
  status: (stream, status) => {
    stream.respond({ ':status': Number(status) });
    stream.end('said');
  },
  reset: (stream, code) => stream.close(Number(code)),
  'reset-mid-body': (stream, code) => {
    stream.respond({ ':status': 200 });
    stream.write('part', () => stream.close(Number(code)));
  },
  silence: () => {},
  die: () => process.exit(1),
  close: (stream) => stream.session!.destroy(),
  'close-mid-body': (stream) => {
    stream.respond({ ':status': 200, 'content-length': 100 });
    stream.write('part', () => stream.session!.socket.destroySoon());
  },
  goaway: (stream) => {
    stream.session!.goaway(http2.constants.NGHTTP2_INTERNAL_ERROR);
    setTimeout(() => stream.session?.destroy(), 20);
  },
  short: (stream) => {
    stream.respond({ ':status': 200, 'content-length': 100 });
    stream.end('short');
  },
  long: (stream) => {
    stream.respond({ ':status': 200, 'content-length': 1 });
    stream.end('longer');
  },
  'huge-header': (stream, bytes) => {
    stream.respond({ ':status': 200, 'x-huge': 'v'.repeat(Number(bytes)) });
    stream.end();
  },
};

server.listen(0, '127.0.0.1', () => {
  console.log(`port ${(server.address() as AddressInfo).port}`);
});
process.on('SIGTERM', () => process.exit(0));
