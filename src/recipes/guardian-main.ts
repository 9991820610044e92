/**
 * The guardian: a process of its own that owns one server. Its standard input is a life line to
 * loadgen: when that closes, because loadgen said so, crashed or was killed with SIGKILL, the
 * server's whole process group is ended, and the folder that was made for its data removed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { reasonOf } from '../base/errors/loadgen-error.ts';
import { systemClock, type Cancel } from '../base/time/clock.ts';
import { DATA_PLACE, type GuardianEvent, type GuardianOrder } from './guardian-messages.ts';

const MAX_LINE_CHARACTERS = 2_000;
/** What was killed a moment ago may still write. */
const REMOVE_ATTEMPTS = 10;

// A vanished loadgen must not end the guardian before the guardian has ended the server.
process.on('SIGINT', () => {});
process.on('SIGPIPE', () => {});
process.stdout.on('error', () => {});

const lifeLine = createInterface({ input: process.stdin });
lifeLine.once('line', (line) => {
  try {
    guard(JSON.parse(line) as GuardianOrder);
  } catch (error) {
    tell({ event: 'exited', reason: `it could not be started (${reasonOf(error)})` });
    process.stdin.destroy();
  }
});

function guard(received: GuardianOrder): void {
  const { order, dataFolder } = withDataFolder(received);
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
    if (dataFolder !== undefined) void remove(dataFolder);
  };
  server.once('error', (error) => ended(`it could not be started (${error.message})`));
  server.once('spawn', () =>
    tell({ event: 'started', pid: server.pid!, ...(dataFolder && { dataFolder }) }),
  );
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

/** The order with a new folder in the places for one, if it has any. */
function withDataFolder(order: GuardianOrder): { order: GuardianOrder; dataFolder?: string } {
  const env = Object.entries(order.env);
  const texts = [...order.command, ...env.map(([, text]) => text)];
  if (!texts.some((text) => text.includes(DATA_PLACE))) return { order };
  const dataFolder = mkdtempSync(join(tmpdir(), 'loadgen-data-'));
  const filled = (text: string): string => text.replaceAll(DATA_PLACE, () => dataFolder);
  const command = order.command.map(filled);
  const filledEnv = Object.fromEntries(env.map(([name, text]) => [name, filled(text)]));
  return { order: { ...order, command, env: filledEnv }, dataFolder };
}

async function remove(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: REMOVE_ATTEMPTS });
  } catch (error) {
    tell({ event: 'output', line: `${folder} could not be removed: ${reasonOf(error)}` });
  }
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
