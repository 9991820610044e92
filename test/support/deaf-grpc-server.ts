import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** What a flow-control window begins with where nobody says otherwise (RFC 9113 section 6.9.2). */
export const FIRST_WINDOW_BYTES = 65_535;

export interface DeafGrpcServer {
  readonly port: number;
  /** Calls of the method that came. */
  calls(): number;
  /** From now on it reads what it is sent, and answers. */
  listen(): void;
}

const HEADERS = { ':status': 200, 'content-type': 'application/grpc' };

/**
 * A server of gRPC that answers every method with an empty message, or with `true` in the first
 * field where it is asked whether something is ready; but of one it reads nothing, so that its
 * windows stay used up.
 */
export async function startDeafServer(t: TestContext, deafTo: string): Promise<DeafGrpcServer> {
  let isDeaf = true;
  let calls = 0;
  const server = http2.createServer();
  server.on('sessionError', () => {});
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    stream.on('error', () => {});
    const method = headers[':path']!.split('/').at(-1)!;
    if (method === deafTo) calls++;
    if (method === deafTo && isDeaf) return;
    stream.resume();
    stream.on('end', () => answer(stream, method));
  });
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, calls: () => calls, listen: () => void (isDeaf = false) };
}

function answer(stream: http2.ServerHttp2Stream, method: string): void {
  const message = method.endsWith('Ready') ? Buffer.of(0x08, 1) : Buffer.alloc(0);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([head, message]));
}
