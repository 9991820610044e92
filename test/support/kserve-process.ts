import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../servers/reference-kserve/main.ts', import.meta.url));

export interface KserveProcess {
  readonly httpPort: number;
  readonly grpcPort: number;
  /** Since the start; over HTTP this question's own included. */
  connectionsAccepted(): Promise<{ readonly http: number; readonly grpc: number }>;
  stop(): Promise<void>;
}

/** The reference server of KServe as a process of its own. */
export async function startKserveProcess(...options: readonly string[]): Promise<KserveProcess> {
  const child = spawn(process.execPath, [MAIN, '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const [httpPort, grpcPort] = [...line.matchAll(/:(\d+)\b/g)].map(([, port]) => Number(port));
  if (httpPort === undefined || grpcPort === undefined) {
    throw new Error(`the reference server said: ${line}`);
  }
  return {
    httpPort,
    grpcPort,
    async connectionsAccepted() {
      const answer = await fetch(`http://127.0.0.1:${httpPort}/count`, {
        headers: { connection: 'close' },
      });
      const counts = (await answer.json()) as {
        readonly connectionsAccepted: number;
        readonly grpcConnectionsAccepted: number;
      };
      return { http: counts.connectionsAccepted, grpc: counts.grpcConnectionsAccepted };
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
