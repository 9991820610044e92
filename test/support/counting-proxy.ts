import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

export interface CountingProxy {
  readonly port: number;
  /** Bytes that clients sent, over all connections. */
  sent(): number;
  /** Bytes that clients were sent. */
  received(): number;
  /** Nothing that the server says gets through until `unmute`. */
  mute(): void;
  /** Passes on what the server said meanwhile too. */
  unmute(): void;
  close(): Promise<void>;
}

/** Passes bytes to `targetPort` and back as they are, and counts them. */
export async function startCountingProxy(targetPort: number): Promise<CountingProxy> {
  let sent = 0;
  let received = 0;
  let isMuted = false;
  const targets = new Set<net.Socket>();
  const sockets = new Set<net.Socket>();
  const server = net.createServer((client) => {
    const target = net.connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
    client.setNoDelay(true);
    targets.add(target);
    target.on('close', () => targets.delete(target));
    if (isMuted) target.pause();
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
    mute() {
      isMuted = true;
      for (const target of targets) target.pause();
    },
    unmute() {
      isMuted = false;
      for (const target of targets) target.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
