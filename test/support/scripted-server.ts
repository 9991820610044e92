import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

/** What one connection of the server did, and does. */
export interface ScriptedConnection {
  readonly socket: Socket;
  /** From 0, in the order of acceptance. */
  readonly index: number;
  /** All bytes received so far. */
  received(): string;
  /** Resolves once what was received holds `text` at least `times` times. */
  receives(text: string, times?: number): Promise<void>;
}

export interface ScriptedServer {
  readonly port: number;
  readonly url: string;
  /** Connections accepted so far. */
  readonly connections: readonly ScriptedConnection[];
  close(): Promise<void>;
}

/** A TCP server that says exactly what a test wants, byte for byte. */
export async function startScriptedServer(
  script: (connection: ScriptedConnection) => void | Promise<void>,
  host = '127.0.0.1',
): Promise<ScriptedServer> {
  const connections: ScriptedConnection[] = [];
  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const connection = watched(socket, connections.length);
    connections.push(connection);
    void script(connection);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    connections,
    async close() {
      for (const { socket } of connections) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers each request (a head without a body) with `answer`, for as long as it is asked. */
export function answering(answer: string | Buffer): (connection: ScriptedConnection) => void {
  return ({ socket }) => {
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\r\n\r\n'); end !== -1; end = rest.indexOf('\r\n\r\n')) {
        rest = rest.slice(end + 4);
        socket.write(answer);
      }
    });
  };
}

function watched(socket: Socket, index: number): ScriptedConnection {
  let received = '';
  let waiting: (() => void)[] = [];
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    for (const check of waiting) check();
  });
  return {
    socket,
    index,
    received: () => received,
    receives: (text, times = 1) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (received.split(text).length - 1 < times) return;
          waiting = waiting.filter((other) => other !== check);
          resolve();
        };
        waiting.push(check);
        check();
      }),
  };
}
