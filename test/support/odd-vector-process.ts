import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { StepOptions } from './driver-bench.ts';
import type { DriverFixture, FixtureServer, FixtureSteps } from '../drivers/driver-fixture.ts';

const MAIN = fileURLToPath(new URL('odd-vector-server.ts', import.meta.url));

/** The fixture of a driver whose database is reached over HTTP/1.1. */
export function httpVectorFixture(): DriverFixture {
  return { start: startOddVectorProcess, steps: STEPS };
}

async function startOddVectorProcess(): Promise<FixtureServer> {
  const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const port = Number(line);
  return {
    port,
    url: (toPort) => `http://127.0.0.1:${toPort}`,
    async connectionsAccepted() {
      const headers = { connection: 'close' };
      const answer = await fetch(`http://127.0.0.1:${port}/__count`, { headers });
      return Number(await answer.text());
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** A search that the server answers in the way named. */
function search(behaviour?: string, number = 0): StepOptions {
  const filter = behaviour && { filter: { behaviour: `~${behaviour}:${number}~` } };
  return { verb: 'search', spec: { collection: 'bench', vector: [1, 2, 3], k: 1, ...filter } };
}

const STEPS: FixtureSteps = {
  ok: { ...search(), reads: ['ids'] },
  delayed: (delayMs) => search('delayed', delayMs),
  large: (bytes) => search('large', bytes),
  silence: search('silence'),
  die: search('die'),
  failing: [
    ['status 400', search('status', 400), 'status_error'],
    ['status 404', search('status', 404), 'status_error'],
    ['status 429', search('status', 429), 'rejected'],
    ['status 503', search('status', 503), 'rejected'],
    ['garbage', search('garbage'), 'protocol_error'],
    ['closed before the answer', search('close'), 'connection_lost'],
    ['reset before the answer', search('reset'), 'connection_lost'],
    ['closed within the answer', search('close-within'), 'connection_lost'],
  ],
};
