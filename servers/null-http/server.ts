import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { NotFramed, RequestFramer } from './request-framer.ts';

export interface NullServer {
  readonly url: string;
  close(): Promise<void>;
}

const body = '{"ok":true}';
const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
const answer = Buffer.from(head + body, 'latin1');
const headOnly = Buffer.from(head, 'latin1');
const listenBacklog = 4_096;

/** Answers every request with the same prepared bytes as soon as its last one is there. */
export async function startNullServer(place: {
  readonly host: string;
  readonly port: number;
}): Promise<NullServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen({ ...place, backlog: listenBacklog });
  await once(server, 'listening');
  return {
    url: `http://${place.host}:${(server.address() as AddressInfo).port}`,
    close: () => closed(server, sockets),
  };
}

function serve(socket: Socket): void {
  const framer = new RequestFramer();
  // Clients that reset their connections are ordinary here.
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    try {
      const { count, isHead, closes } = framer.push(chunk);
      for (let request = 0; request < count; request++) socket.write(isHead ? headOnly : answer);
      if (closes) socket.end();
    } catch (error) {
      if (!(error instanceof NotFramed)) throw error;
      socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    }
  });
}

async function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const ended = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await ended;
}
