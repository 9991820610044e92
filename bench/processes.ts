/** Processes pinned to a core each, so that client and server do not take each other's time. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const CLIENT_CORE = 0;
export const SERVER_CORE = 1;

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

export interface Finished {
  readonly code: number;
  readonly output: string;
  /** User and system time of the process and its threads, in seconds. */
  readonly cpuSeconds: number;
}

/** Starts a server and resolves when `url` answers. */
export async function startPinned(
  command: readonly string[],
  url: string,
): Promise<{ stop(): Promise<void>; readonly pid: number }> {
  const server = spawn('taskset', ['-c', String(SERVER_CORE), ...command], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await untilAnswers(url, server);
  return {
    pid: server.pid!,
    async stop() {
      if (server.exitCode !== null) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

/** Runs a client to its end and measures the CPU time it took. */
export async function runPinned(command: readonly string[]): Promise<Finished> {
  // GNU time writes to standard error, last, what the shell's own `times` cannot attribute.
  const script = 'TIMEFORMAT="cpu %U %S"; time "$@"';
  const argv = ['-c', String(CLIENT_CORE), 'bash', '-c', script, 'bash', ...command];
  const client = spawn('taskset', argv, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  client.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  client.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code] = (await once(client, 'close')) as [number];
  const times = /cpu (\S+) (\S+)\s*$/.exec(errors);
  if (times === null) throw new Error(`${command.join(' ')} failed:\n${errors}`);
  const said = errors.slice(0, times.index);
  if (said.trim() !== '') output += said;
  return { code, output, cpuSeconds: Number(times[1]) + Number(times[2]) };
}

async function untilAnswers(url: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`${url} did not answer within 10 s`);
}
