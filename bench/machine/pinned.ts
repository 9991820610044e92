/** Processes pinned to a core each, and what they cost. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENT_CORE, SERVER_CORE, coreTimes } from './cores.ts';
import { findProgram } from '../peers/find-program.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface PinnedServer {
  stop(): Promise<void>;
}

export interface Cost {
  /** User and system time of the process, its threads and the children it waited for (wait4). */
  readonly cpuSeconds: number;
  /** Peak resident memory (ru_maxrss of wait4): of the largest process, where it has children. */
  readonly peakBytes: number;
  readonly wallSeconds: number;
  /** Of the wall time: how much of its core other programs had. */
  readonly othersShare: number;
  /** Of the wall time: how much of its core the hypervisor gave to other machines. */
  readonly stealShare: number;
}

export interface Finished extends Cost {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** What loadgen and its peers did not have of their core. */
export function disturbance({ othersShare, stealShare }: Cost): number {
  return othersShare + stealShare;
}

/** Looks at a running program; `pid` is its own, not that of what started it. */
export type Watch = (pid: number) => void;

const servers = new Set<ChildProcess>();
const clients = new Set<ChildProcess>();

/** Ends what was started here and still runs: for a harness that is itself told to end. */
export function endRunning(): void {
  for (const server of servers) server.kill('SIGTERM');
  // GNU time would leave its program behind.
  for (const client of clients) watchChild(client.pid!, (pid) => process.kill(pid, 'SIGTERM'));
}

/** Starts a server on the server's core and resolves when `ready`, a url or a question, answers. */
export async function startPinned(
  command: readonly string[],
  ready: string | (() => Promise<unknown>),
): Promise<PinnedServer> {
  const server = spawn('taskset', ['-c', String(SERVER_CORE), ...command], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  servers.add(server);
  server.once('exit', () => servers.delete(server));
  const ask = typeof ready === 'function' ? ready : () => answerOf(ready);
  await untilAnswers(ask, server);
  return {
    async stop() {
      if (server.exitCode !== null) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

/** Starts a program on the client's core, in the way of whatever else runs there. */
export function startOnClientCore(command: readonly string[]): PinnedServer {
  const child = spawn('taskset', ['-c', String(CLIENT_CORE), ...command], { stdio: 'ignore' });
  servers.add(child);
  child.once('exit', () => servers.delete(child));
  return {
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

const WATCH_EVERY_MS = 250;

/** Runs a program on the client's core to its end and measures what it took. */
export async function runPinned(command: readonly string[], watch?: Watch): Promise<Finished> {
  const gnuTime = findProgram('time');
  if (gnuTime === undefined) throw new Error('GNU time is not there: apt-get install time');
  const report = join(mkdtempSync(join(tmpdir(), 'loadgen-bench-')), 'time');
  // GNU time forks from a small process; a child of this one would inherit our own peak.
  const timed = [gnuTime, '-o', report, '-f', '%U %S %M %e', ...command];
  const before = coreTimes(CLIENT_CORE);
  const client = spawn('taskset', ['-c', String(CLIENT_CORE), ...timed], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  clients.add(client);
  let output = '';
  let errors = '';
  client.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  client.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const watching = watch && setInterval(() => watchChild(client.pid!, watch), WATCH_EVERY_MS);
  const [code] = (await once(client, 'close')) as [number];
  clearInterval(watching);
  clients.delete(client);
  const after = coreTimes(CLIENT_CORE);
  const { cpuSeconds, peakBytes, wallSeconds } = parseTimeReport(readFileSync(report, 'utf8'));
  const othersSeconds = after.busySeconds - before.busySeconds - cpuSeconds;
  const stolenSeconds = after.stolenSeconds - before.stolenSeconds;
  return {
    code,
    output,
    errors,
    cpuSeconds,
    peakBytes,
    wallSeconds,
    othersShare: Math.max(0, othersSeconds) / wallSeconds,
    stealShare: stolenSeconds / wallSeconds,
  };
}

/** Of GNU time's report in the format `%U %S %M %e`; a line about a bad exit may stand before. */
export function parseTimeReport(
  text: string,
): Pick<Cost, 'cpuSeconds' | 'peakBytes' | 'wallSeconds'> {
  const figures = text.trim().split('\n').at(-1)!.split(' ').map(Number);
  if (figures.length !== 4 || figures.some(Number.isNaN)) {
    throw new Error(`not a report of GNU time: ${text}`);
  }
  const [user, system, peakKiB, wallSeconds] = figures as [number, number, number, number];
  return { cpuSeconds: user + system, peakBytes: peakKiB * 1024, wallSeconds };
}

/** GNU time has one child: the program. It may not have started yet, or have ended. */
function watchChild(timePid: number, watch: Watch): void {
  try {
    const children = readFileSync(`/proc/${timePid}/task/${timePid}/children`, 'utf8');
    const [pid] = children.trim().split(' ');
    if (pid !== undefined && pid !== '') watch(Number(pid));
  } catch (error) {
    if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function answerOf(url: string): Promise<void> {
  await (await fetch(url)).arrayBuffer();
}

async function untilAnswers(ask: () => Promise<unknown>, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    try {
      await ask();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error('the server did not answer within 10 s');
}
