import { createSocket, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import { parseAddress, type Address } from '../address.ts';
import { DeliveryCount } from '../delivery-count.ts';
import type { LiveOutput, OutputSecond } from '../output.ts';
import type { StatsdSpec } from '../outputs-schema.ts';
import { secondRows } from '../second-rows.ts';
import { statsdLines } from './statsd-lines.ts';

/** What fits into one packet of an Ethernet without being cut (statsd's own advice). */
const PACKET_BYTES = 1_432;
/** Packets that may wait for the kernel, or for the name of the server. */
const PACKETS_WAITING = 512;

/** Counts and levels of each second over UDP. A packet that the kernel took counts as delivered. */
export async function openStatsdOutput(spec: StatsdSpec): Promise<LiveOutput> {
  const account = new DeliveryCount('statsd', 'packets');
  const socket = await connected(parseAddress(spec.address)!);
  // An answer "nobody listens" comes with a later packet, and is no reason to end anything.
  socket.on('error', (error) => (account.lastError = error.message));
  let waiting = 0;
  let settled = (): void => {};
  const ended = (error: Error | null): void => {
    waiting--;
    if (error === null) account.delivered++;
    else account.drop(error);
    if (waiting === 0) settled();
  };
  const send = (packet: string): void => {
    account.accepted++;
    if (waiting >= PACKETS_WAITING) return account.drop('it took too long');
    waiting++;
    socket.send(packet, (error) => ended(error));
  };
  return {
    account,
    accept(second: OutputSecond): void {
      const lines = secondRows(second).flatMap((row) => statsdLines(row, spec));
      for (const packet of packets(lines)) send(packet);
    },
    settle: () => new Promise((resolve) => (waiting === 0 ? resolve() : (settled = resolve))),
    giveUp: () => {},
    async close(): Promise<void> {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
      account.drop('the run was over', account.accepted - account.delivered - account.dropped);
    },
  };
}

function connected({ host, port }: Address): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4');
    socket.unref();
    socket.once('error', reject);
    socket.connect(port, host, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** Whole lines, as many as fit. */
function packets(lines: readonly string[]): string[] {
  const found: string[] = [];
  let packet = '';
  for (const line of lines) {
    if (packet !== '' && packet.length + 1 + line.length > PACKET_BYTES) {
      found.push(packet);
      packet = '';
    }
    packet = packet === '' ? line : `${packet}\n${line}`;
  }
  return packet === '' ? found : [...found, packet];
}
