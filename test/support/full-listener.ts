import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';

const SCRIPT = `
const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

export interface FullListener {
  readonly port: number;
  close(): Promise<void>;
}

/** A port that neither accepts nor refuses: its process stands still and its backlog is full. */
export async function startFullListener(): Promise<FullListener> {
  const child = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const port = Number(line);
  child.kill('SIGSTOP');
  const sockets: net.Socket[] = [];
  for (let count = 0; count < 8; count++) {
    sockets.push(net.connect({ host: '127.0.0.1', port }).on('error', () => {}));
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
}
