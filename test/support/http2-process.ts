import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http2 from 'node:http2';
import { createInterface } from 'node:readline';
import type { FixtureServer } from '../drivers/driver-fixture.ts';

/**
 * Starts a server on Node's own HTTP/2 in a process of its own: `main` prints its port, and answers
 * the path `/count` with how many connections it has accepted.
 */
export async function startHttp2Process(main: string, scheme: string): Promise<FixtureServer> {
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const port = Number(/\d+/.exec(line)![0]);
  return {
    port,
    url: (at) => `${scheme}://127.0.0.1:${at}`,
    connectionsAccepted: () => connectionsAccepted(port),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function connectionsAccepted(port: number): Promise<number> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':path': '/count' });
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(stream, 'end');
  session.close();
  return Number(text);
}
