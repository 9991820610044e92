/** Triton on the server's core, with the models beside its recipe. */
import { spawnSync } from 'node:child_process';
import { freePort } from '../machine/free-port.ts';
import { startPinned } from '../machine/pinned.ts';

const FOLDER = 'servers/triton';

export interface PinnedTriton {
  readonly httpUrl: string;
  readonly grpcUrl: string;
  stop(): Promise<void>;
}

/** The Python that has Triton's own client; undefined where Triton is not installed. */
export function tritonPython(): string | undefined {
  const isInstalled = spawnSync('bash', [`${FOLDER}/install.sh`, '--check']).status === 0;
  if (!isInstalled) return undefined;
  const script = `source ${FOLDER}/paths.sh && echo "$venv/bin/python"`;
  return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim();
}

export async function startTriton(): Promise<PinnedTriton> {
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const ports = [http, grpc, metrics].map(String);
  const httpUrl = `http://127.0.0.1:${http}`;
  const command = ['bash', `${FOLDER}/serve.sh`, '127.0.0.1', ...ports];
  const server = await startPinned(command, `${httpUrl}/v2/health/ready`);
  return { httpUrl, grpcUrl: `grpc://127.0.0.1:${grpc}`, stop: () => server.stop() };
}
