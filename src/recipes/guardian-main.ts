/**
 * The guardian: a process of its own that owns one server. Its standard input is a life line to
 * loadgen: when that closes, because loadgen said so, crashed or was killed with SIGKILL, the
 * server's whole process group is ended.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { systemClock, type Cancel } from '../base/time/clock.ts';
import type { GuardianEvent, GuardianOrder } from './guardian-messages.ts';

const MAX_LINE_CHARACTERS = 2_000;

// A vanished loadgen must not end the guardian before the guardian has ended the server.
process.on('SIGINT', () => {});
process.on('SIGPIPE', () => {});
process.stdout.on('error', () => {});

const lifeLine = createInterface({ input: process.stdin });
lifeLine.once('line', (line) => guard(JSON.parse(line) as GuardianOrder));

function guard(order: GuardianOrder): void {
  const [program, ...argv] = order.command;
  const server = spawn(program!, argv, {
    cwd: order.folder,
    env: { ...process.env, ...order.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, to be ended whole
  });
  let cancelKill: Cancel = () => {};
  const stop = (): void => {
    endGroup(server, order.stopSignal);
    cancelKill = systemClock.after(order.graceMs, () => endGroup(server, 'SIGKILL'));
  };
  const ended = (reason: string): void => {
    cancelKill();
    endGroup(server, 'SIGKILL'); // what the server left behind
    tell({ event: 'exited', reason });
    lifeLine.removeListener('close', stop);
    process.stdin.destroy();
  };
  server.once('error', (error) => ended(`it could not be started (${error.message})`));
  server.once('spawn', () => tell({ event: 'started', pid: server.pid! }));
  server.once('exit', (code, signal) =>
    ended(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
  );
  for (const stream of [server.stdout, server.stderr]) {
    createInterface({ input: stream }).on('line', (line) =>
      tell({ event: 'output', line: line.slice(0, MAX_LINE_CHARACTERS) }),
    );
  }
  lifeLine.once('close', stop);
  process.once('SIGTERM', stop);
}

function endGroup(server: ChildProcess, signal: NodeJS.Signals): void {
  if (server.pid === undefined) return;
  try {
    process.kill(-server.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function tell(event: GuardianEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
