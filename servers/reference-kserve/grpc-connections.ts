import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { ServerCredentials, type Server } from '@grpc/grpc-js';

/** Connections of a gRPC server that are accepted here, so that they can be counted and broken. */
export class GrpcConnections {
  accepted = 0;
  readonly #open = new Map<string, Socket>();
  readonly #listener = createServer();

  /** Listens for `server`; resolves to the port. */
  async listen(server: Server, host: string, port: number): Promise<number> {
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener.on('connection', (socket) => {
      this.accepted++;
      const peer = `${socket.remoteAddress}:${socket.remotePort}`;
      this.#open.set(peer, socket);
      socket.on('close', () => this.#open.delete(peer));
      socket.setNoDelay(true);
      injector.injectConnection(socket);
    });
    await once(this.#listener.listen(port, host), 'listening');
    return (this.#listener.address() as AddressInfo).port;
  }

  /** The connection of a call, by `getPeer` of it. */
  of(peer: string): Socket | undefined {
    return this.#open.get(peer);
  }

  close(): void {
    this.#listener.close();
    for (const socket of this.#open.values()) socket.destroy();
  }
}
