import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../machine/free-port.ts';
import { ROOT, startPinned, type PinnedServer } from '../machine/pinned.ts';

const FOLDER = join(ROOT, 'test/real/servers/grpc-go');

export interface GrpcGo extends PinnedServer {
  readonly url: string;
  readonly version: string;
}

/** grpc-go's own interoperability service on the server's core. */
export async function startGrpcGo(): Promise<GrpcGo> {
  const install = join(FOLDER, 'install.sh');
  if (spawnSync('bash', [install, '--check']).status !== 0) {
    throw new Error(`The server of this comparison is not there: bash ${install}`);
  }
  const program = spawnSync('bash', [install, '--path'], { encoding: 'utf8' }).stdout.trim();
  const [port, healthPort] = [await freePort(), await freePort()];
  const health = `127.0.0.1:${healthPort}`;
  const flags = ['--address', `127.0.0.1:${port}`, '--health', health];
  const server = await startPinned([program, ...flags], `http://${health}/`);
  const module = readFileSync(join(FOLDER, 'go.mod'), 'utf8');
  const version = /google\.golang\.org\/grpc (\S+)/.exec(module)?.[1] ?? 'unknown';
  return { ...server, url: `grpc://127.0.0.1:${port}`, version };
}
