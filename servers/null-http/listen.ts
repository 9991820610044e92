import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** A null server that listens. */
export interface Listening {
  readonly port: number;
  /** Ends all connections, and resolves when they are gone. */
  close(): Promise<void>;
}

/** Bursts of connections wait here instead of being refused. */
const BACKLOG = 4_096;

/** Hands each connection over a port to `serve`. */
export async function listen(place: Place, serve: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Clients that reset their connections are ordinary here.
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen({ ...place, backlog: BACKLOG });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const ended = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await ended;
    },
  };
}
