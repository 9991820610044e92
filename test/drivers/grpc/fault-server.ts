/**
 * A gRPC server on Node's own HTTP/2, without a gRPC library, so that it can break every rule. A
 * process of its own: it prints its port and ends when it is told to.
 */
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { callAt, nowMs } from '../../../servers/reference/schedule.ts';

const PROTO = fileURLToPath(new URL('../../fixtures/grpc/faults.proto', import.meta.url));
const root = protobuf.loadSync(PROTO);
const REQUEST = root.lookupType('faults.v1.Request');
const REPLY = root.lookupType('faults.v1.Reply');

interface FaultRequest {
  readonly text: string;
  readonly fault: string;
  readonly delayMs: number;
  readonly bytes: number;
  readonly count: number;
}

const HEADERS = { ':status': 200, 'content-type': 'application/grpc', 'x-from': 'faults' };
const CODE = /^code (\d+)$/;
const RESET = /^reset (\d+)$/;
const HTTP = /^http (\d+)$/;

let connectionsAccepted = 0;
const server = http2.createServer({ maxSessionMemory: 1000 });
server.on('session', () => connectionsAccepted++);
server.on('sessionError', () => {});
server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
  stream.on('error', () => {});
  const method = (headers[':path'] ?? '').split('/').at(-1)!;
  if (method === 'count') {
    stream.respond({ ':status': 200 });
    stream.end(String(connectionsAccepted));
    return;
  }
  const parts: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => parts.push(chunk));
  stream.on('end', () => {
    const requests = messagesOf(Buffer.concat(parts));
    const [first] = requests;
    callAt(nowMs() + (first?.delayMs ?? 0), () => answer(stream, method, requests));
  });
});

function messagesOf(bytes: Buffer): FaultRequest[] {
  const found: FaultRequest[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at + 1);
    const message = REQUEST.decode(bytes.subarray(at + 5, at + 5 + length));
    found.push(REQUEST.toObject(message, { defaults: true }) as FaultRequest);
    at += 5 + length;
  }
  return found;
}

function framed(bytes: Uint8Array, flag = 0): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function reply({ text, bytes }: FaultRequest, number = 0): Uint8Array {
  return REPLY.encode({ text, number, padding: Buffer.alloc(bytes, 'p') }).finish();
}

function end(
  stream: http2.ServerHttp2Stream,
  trailers: Record<string, string>,
  last: Buffer = EMPTY,
): void {
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(last);
}

const EMPTY: Buffer = Buffer.alloc(0);
const OK = { 'grpc-status': '0' };

function answer(
  stream: http2.ServerHttp2Stream,
  method: string,
  requests: readonly FaultRequest[],
): void {
  if (stream.destroyed) return;
  const request = requests[0] ?? { text: '', fault: '', delayMs: 0, bytes: 0, count: 0 };
  if (request.fault !== '') {
    fail(stream, request);
    return;
  }
  stream.respond(HEADERS, { waitForTrailers: true });
  if (method === 'Stream') {
    for (let number = 1; number <= request.count; number++) {
      stream.write(framed(reply(request, number)));
    }
    end(stream, OK);
  } else if (method === 'Chat') {
    requests.forEach((each, index) => stream.write(framed(reply(each, index + 1))));
    end(stream, OK);
  } else if (method === 'Collect') {
    const text = requests.map((each) => each.text).join(' ');
    const whole = { ...request, text };
    end(stream, OK, framed(reply(whole, requests.length)));
  } else end(stream, { ...OK, 'x-after': 'it' }, framed(reply(request, 1)));
}

function fail(stream: http2.ServerHttp2Stream, request: FaultRequest): void {
  const { fault } = request;
  const code = CODE.exec(fault)?.[1];
  const reset = RESET.exec(fault)?.[1];
  const status = HTTP.exec(fault)?.[1];
  if (code !== undefined) {
    const trailers = { 'grpc-status': code, 'grpc-message': 'told%20so%20%E2%80%93' };
    stream.respond({ ...HEADERS, ...trailers }, { endStream: true });
  } else if (reset !== undefined) stream.close(Number(reset));
  else if (status !== undefined) stream.respond({ ':status': Number(status) }, { endStream: true });
  else FAULTS[fault]!(stream, request);
}

type Fault = (stream: http2.ServerHttp2Stream, request: FaultRequest) => void;

const FAULTS: Readonly<Record<string, Fault>> = {
  silence: () => {},
  die: () => process.exit(1),
  'late code': (stream) => {
    stream.respond(HEADERS, { waitForTrailers: true });
    end(stream, { 'grpc-status': '13', 'grpc-message': 'late' });
  },
  truncated: (stream, request) => {
    stream.respond(HEADERS, { waitForTrailers: true });
    end(stream, OK, framed(reply(request)).subarray(0, 6));
  },
  'cut off': (stream, request) => {
    stream.respond(HEADERS);
    stream.write(framed(reply(request)).subarray(0, 6), () => stream.session!.socket.destroySoon());
  },
  close: (stream) => stream.session!.destroy(),
  goaway: (stream) => {
    stream.session!.goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
    setTimeout(() => stream.session?.destroy(), 20);
  },
  'no status': (stream, request) => {
    stream.respond(HEADERS);
    stream.end(framed(reply(request)));
  },
  'no status in trailers': (stream, request) => {
    stream.respond(HEADERS, { waitForTrailers: true });
    end(stream, { 'x-other': '1' }, framed(reply(request)));
  },
  'no message': (stream) => {
    stream.respond(HEADERS, { waitForTrailers: true });
    end(stream, OK);
  },
  'two messages': (stream, request) => {
    stream.respond(HEADERS, { waitForTrailers: true });
    end(stream, OK, Buffer.concat([framed(reply(request)), framed(reply(request))]));
  },
  'unknown flag': (stream, request) => {
    stream.respond(HEADERS, { waitForTrailers: true });
    end(stream, OK, framed(reply(request), 7));
  },
  oversize: (stream) => {
    stream.respond(HEADERS, { waitForTrailers: true });
    // The head of a message of 4 GiB.
    stream.write(Buffer.from('00ffffffff', 'hex'));
  },
  'text page': (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/html' });
    stream.end('<html>');
  },
  gzip: (stream, request) => {
    stream.respond({ ...HEADERS, 'grpc-encoding': 'gzip' }, { waitForTrailers: true });
    end(stream, OK, framed(gzipSync(reply(request)), 1));
  },
  'bad gzip': (stream, request) => {
    stream.respond({ ...HEADERS, 'grpc-encoding': 'gzip' }, { waitForTrailers: true });
    end(stream, OK, framed(reply(request), 1));
  },
};

server.listen(0, '127.0.0.1', () => {
  console.log(`port ${(server.address() as AddressInfo).port}`);
});
process.on('SIGTERM', () => process.exit(0));
