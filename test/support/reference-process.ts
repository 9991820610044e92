import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

function mainOf(server: string): string {
  return fileURLToPath(new URL(`../../servers/${server}/main.ts`, import.meta.url));
}

export interface ReferenceProcess {
  readonly url: string;
  readonly port: number;
  /** Resolves when the process has ended, of its own or because it was told to. */
  stop(): Promise<void>;
}

/** The reference server as a process of its own: it answers while a test blocks its event loop. */
export function startReferenceProcess(...options: readonly string[]): Promise<ReferenceProcess> {
  return startServerProcess('reference', options);
}

/** A server of servers/ that takes `--port` and says its address in its first line. */
export async function startServerProcess(
  server: string,
  options: readonly string[] = [],
): Promise<ReferenceProcess> {
  const child = spawn(process.execPath, [mainOf(server), '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const url = /http:\/\/[^ ,]+/.exec(line)?.[0];
  if (url === undefined) throw new Error(`the server ${server} said: ${line}`);
  return {
    url,
    port: Number(new URL(url).port),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
