import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { StepOptions } from './driver-bench.ts';
import type { DriverFixture, FixtureServer, FixtureSteps } from '../drivers/driver-fixture.ts';

const HTTP_MAIN = fileURLToPath(new URL('odd-vector-server.ts', import.meta.url));
const GRPC_MAIN = fileURLToPath(new URL('odd-grpc-vector-server.ts', import.meta.url));

/** The fixture of a driver whose database is reached over HTTP/1.1. */
export function httpVectorFixture(): DriverFixture {
  return { start: startHttp, steps: HTTP_STEPS };
}

/** The same for gRPC; `url` makes the target's url of a port. */
export function grpcVectorFixture(url: (port: number) => string): DriverFixture {
  return { start: () => startGrpc(url), steps: GRPC_STEPS };
}

async function startHttp(): Promise<FixtureServer> {
  const { lines, stop } = await startProcess(HTTP_MAIN);
  const port = Number(lines);
  const url = (toPort: number): string => `http://127.0.0.1:${toPort}`;
  return { port, url, stop, connectionsAccepted: () => countAt(port) };
}

async function startGrpc(url: (port: number) => string): Promise<FixtureServer> {
  const { lines, stop } = await startProcess(GRPC_MAIN);
  const [port = 0, counting = 0] = lines.split(' ').map(Number);
  let asked = 0;
  // The suite takes it that each question is a connection of its own.
  const connectionsAccepted = async (): Promise<number> => (await countAt(counting)) + ++asked;
  return { port, url, stop, connectionsAccepted };
}

async function countAt(port: number): Promise<number> {
  const headers = { connection: 'close' };
  const answer = await fetch(`http://127.0.0.1:${port}/__count`, { headers });
  return Number(await answer.text());
}

async function startProcess(main: string): Promise<{ lines: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [lines] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    lines,
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

const HTTP_STEPS: FixtureSteps = {
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

const GRPC_STEPS: FixtureSteps = {
  ...HTTP_STEPS,
  failing: [
    ['INVALID_ARGUMENT', search('status', 3), 'status_error'],
    ['INTERNAL', search('status', 13), 'status_error'],
    ['RESOURCE_EXHAUSTED', search('status', 8), 'rejected'],
    ['UNAVAILABLE', search('status', 14), 'rejected'],
    ['no gRPC', search('no-grpc'), 'protocol_error'],
    ['closed before the answer', search('close'), 'connection_lost'],
  ],
};
