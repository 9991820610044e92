import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import type { KeyPair } from './certificates.ts';

export interface TlsServer {
  readonly port: number;
  /** Sockets whose handshake was done, from the first. */
  readonly sockets: readonly TLSSocket[];
  /** Of each of them, whether it took up a session of an earlier one. */
  readonly resumed: readonly boolean[];
  close(): Promise<void>;
}

/** A TLS server that answers each request head with `answer`. */
export async function startTlsServer(
  { cert, key }: KeyPair,
  answer: string | Buffer,
  options: TlsOptions = {},
): Promise<TlsServer> {
  const sockets: TLSSocket[] = [];
  const resumed: boolean[] = [];
  const pair = { cert: readFileSync(cert), key: readFileSync(key) };
  const server = createServer({ ...pair, ...options }, (socket) => {
    sockets.push(socket);
    resumed.push(socket.isSessionReused());
    socket.on('error', () => {});
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\r\n\r\n'); end !== -1; end = rest.indexOf('\r\n\r\n')) {
        rest = rest.slice(end + 4);
        socket.write(answer);
      }
    });
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    resumed,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
