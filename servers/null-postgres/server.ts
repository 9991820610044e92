import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Conversation, NotUnderstood } from './conversation.ts';

export interface NullPostgres {
  readonly port: number;
  close(): Promise<void>;
}

const listenBacklog = 4_096;

/** Answers every statement with the same prepared bytes as soon as it is there. */
export async function startNullPostgres(place: {
  readonly host: string;
  readonly port: number;
}): Promise<NullPostgres> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen({ ...place, backlog: listenBacklog });
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

function serve(socket: Socket): void {
  const conversation = new Conversation();
  // Clients that reset their connections are ordinary here.
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    try {
      const reply = conversation.push(chunk);
      if (reply.length > 0) socket.write(reply);
      if (conversation.isOver) socket.end();
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      socket.destroy();
    }
  });
}
