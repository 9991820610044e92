import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { KeyPair } from '../../../support/certificates.ts';

type OnStream = (
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  body: Buffer,
) => void;

export interface Http2Server {
  readonly port: number;
  /** From the first; those that have ended too. */
  readonly sessions: readonly http2.ServerHttp2Session[];
  /** The most streams that were open at a time on one connection. */
  mostStreams(): number;
}

/** A server of Node's own HTTP/2, over TLS where it is given a certificate. */
export async function startHttp2Server(
  t: TestContext,
  onRequest: OnStream,
  { settings, pair }: { settings?: http2.Settings; pair?: KeyPair } = {},
): Promise<Http2Server> {
  const options = { ...(settings && { settings }) };
  const server =
    pair === undefined
      ? http2.createServer(options)
      : http2.createSecureServer({
          ...options,
          cert: readFileSync(pair.cert),
          key: readFileSync(pair.key),
        });
  const sessions: http2.ServerHttp2Session[] = [];
  const open = new Map<http2.Http2Session, number>();
  let most = 0;
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('sessionError', () => {});
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    const session = stream.session!;
    const count = (open.get(session) ?? 0) + 1;
    open.set(session, count);
    most = Math.max(most, count);
    stream.on('close', () => open.set(session, open.get(session)! - 1));
    stream.on('error', () => {});
    const parts: Buffer[] = [];
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('end', () => onRequest(stream, headers, Buffer.concat(parts)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, sessions, mostStreams: () => most };
}
