import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

export interface CountingProxy {
  readonly port: number;
  /** Bytes that clients sent, over all connections. */
  sent(): number;
  /** Bytes that clients were sent. */
  received(): number;
  close(): Promise<void>;
}

/** Passes bytes to `targetPort` and back as they are, and counts them. */
export async function startCountingProxy(targetPort: number): Promise<CountingProxy> {
  let sent = 0;
  let received = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const target = net.connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
    client.setNoDelay(true);
    client.on('data', (chunk) => {
      sent += chunk.length;
      target.write(chunk);
    });
    target.on('data', (chunk) => {
      received += chunk.length;
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => sent,
    received: () => received,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
