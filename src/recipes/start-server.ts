import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';
import { sleep, type Clock } from '../base/time/clock.ts';
import type { GuardianEvent, GuardianOrder } from './guardian-messages.ts';
import { fillPlaces, type RecipePlaces } from './load-recipe.ts';
import { portHolder } from './port-holder.ts';
import type { Recipe } from './recipe-schema.ts';

const HOST = '127.0.0.1';
const KEPT_OUTPUT_LINES = 20;
const PROBE_EVERY_MS = 50;
const SETTLE_MS = 500;
const PROBE_TIMEOUT_MS = 2_000;

export interface RunningServer {
  readonly recipe: Recipe;
  readonly url: string;
  /** Its other addresses, by their keys in the recipe. */
  readonly urls: Readonly<Record<string, string>>;
  /** Where its recipe says that its metrics are. */
  readonly metricsUrl: string | undefined;
  /** Leader of the server's process group. */
  readonly pid: number;
  /** Where it keeps its data, if its recipe asks for a folder; gone when it has ended. */
  readonly dataFolder: string | undefined;
  /** Resolves with the reason when it ends, wanted or not. */
  readonly ended: Promise<string>;
  /** Ends it and resolves when it is gone. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly recipe: Recipe;
  readonly target: string;
  readonly clock: Clock;
  /** Told what takes its time. */
  status(text: string): void;
  /** Each line that the server prints. */
  output(line: string): void;
}

/**
 * Installs what is missing, starts the server of a recipe under a guardian on a free port and
 * waits until it is ready. Throws SERVER_NOT_STARTED with its last output.
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { recipe } = options;
  install(recipe, options);
  const places = await freePlaces(recipe);
  options.status(`Starting ${recipe.name} on port ${places.port} …`);
  const started = guardedProcess(recipe, places, options.output);
  const url = fillPlaces(recipe.url, recipe, places);
  try {
    const { pid, dataFolder } = await started.spawned;
    await untilReady(recipe, { url, pid, started, clock: options.clock });
    return {
      ...addressesOf(recipe, places),
      recipe,
      url,
      pid,
      dataFolder,
      ended: started.ended,
      stop: started.stop,
    };
  } catch (error) {
    await started.stop();
    if (error instanceof LoadgenError) throw error;
    const reason = `${reasonOf(error)}${started.lastOutput()}`;
    throw new LoadgenError('SERVER_NOT_STARTED', {
      server: recipe.name,
      target: options.target,
      reason,
    });
  }
}

async function freePlaces(recipe: Recipe): Promise<RecipePlaces> {
  const port = await freePort(recipe.port);
  const ports: Record<string, number> = {};
  for (const [name, preferred] of Object.entries(recipe.ports)) {
    ports[name] = await freePort(preferred);
  }
  return { host: HOST, port, ports };
}

function addressesOf(
  recipe: Recipe,
  places: RecipePlaces,
): Pick<RunningServer, 'urls' | 'metricsUrl'> {
  const filled = (text: string): string => fillPlaces(text, recipe, places);
  const urls = Object.entries(recipe.urls).map(([key, text]) => [key, filled(text)]);
  const { metrics } = recipe;
  return {
    urls: Object.fromEntries(urls),
    metricsUrl: metrics && new URL(filled(metrics), filled(recipe.url)).href,
  };
}

function install(recipe: Recipe, options: StartOptions): void {
  if (recipe.install === undefined) return;
  const [checkProgram, ...checkArgv] = recipe.install.check;
  const inPlace = spawnSync(checkProgram!, checkArgv, { cwd: recipe.folder, stdio: 'ignore' });
  if (inPlace.status === 0) return;
  options.status(`Installing ${recipe.name} (${recipe.install.note ?? 'once'}) …`);
  for (const [program, ...argv] of recipe.install.run) {
    const result = spawnSync(program!, argv, { cwd: recipe.folder, encoding: 'utf8' });
    if (result.status === 0) continue;
    const lines = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n');
    throw new LoadgenError('SERVER_NOT_STARTED', {
      server: recipe.name,
      target: options.target,
      reason: `its installation failed${quoted(lines.slice(-KEPT_OUTPUT_LINES))}`,
    });
  }
}

interface GuardedProcess {
  readonly spawned: Promise<Pick<RunningServer, 'pid' | 'dataFolder'>>;
  readonly ended: Promise<string>;
  /** It printed what its recipe takes for being ready. */
  readonly saysReady: boolean;
  stop(): Promise<void>;
  lastOutput(): string;
}

function guardedProcess(
  recipe: Recipe,
  places: RecipePlaces,
  output: (line: string) => void,
): GuardedProcess {
  const guardian = spawnGuardian(recipe, places);
  const lines: string[] = [];
  const spawned = Promise.withResolvers<Awaited<GuardedProcess['spawned']>>();
  const ended = Promise.withResolvers<string>();
  spawned.promise.catch(() => {});
  let reason = 'its guardian ended';
  let saysReady = false;
  createInterface({ input: guardian.stdout! }).on('line', (line) => {
    const event = JSON.parse(line) as GuardianEvent;
    if (event.event === 'started') {
      spawned.resolve({ pid: event.pid, dataFolder: event.dataFolder });
    }
    if (event.event === 'exited') reason = event.reason;
    if (event.event !== 'output') return;
    saysReady ||= recipe.ready.output !== undefined && event.line.includes(recipe.ready.output);
    lines.push(event.line);
    if (lines.length > KEPT_OUTPUT_LINES) lines.shift();
    output(event.line);
  });
  guardian.once('close', () => {
    spawned.reject(new Error(reason));
    ended.resolve(reason);
  });
  return {
    spawned: spawned.promise,
    ended: ended.promise,
    lastOutput: () => quoted(lines),
    get saysReady() {
      return saysReady;
    },
    async stop() {
      guardian.stdin!.end();
      await ended.promise;
    },
  };
}

function spawnGuardian(recipe: Recipe, places: RecipePlaces): ChildProcess {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const main = new URL(`./guardian-main.${extension}`, import.meta.url);
  const guardian = spawn(process.execPath, [main.pathname], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true, // Ctrl+C in the terminal must reach loadgen only
  });
  const order: GuardianOrder = {
    command: recipe.command.map((part) => fillPlaces(part, recipe, places)),
    env: Object.fromEntries(
      Object.entries(recipe.env).map(([name, text]) => [name, fillPlaces(text, recipe, places)]),
    ),
    folder: recipe.folder,
    stopSignal: recipe.stop.signal,
    graceMs: recipe.stop.graceSeconds * 1_000,
  };
  guardian.stdin!.on('error', () => {}); // the guardian ended first: `close` says so
  guardian.stdin!.write(`${JSON.stringify(order)}\n`);
  return guardian;
}

interface StartedServer {
  readonly url: string;
  readonly pid: number;
  readonly started: GuardedProcess;
  readonly clock: Clock;
}

async function untilReady(
  recipe: Recipe,
  { url, pid, started, clock }: StartedServer,
): Promise<void> {
  const { path, timeoutSeconds } = recipe.ready;
  const deadlineNs = clock.nowNs() + timeoutSeconds * 1e9;
  let endedBecause: string | undefined;
  void started.ended.then((reason) => (endedBecause = reason));
  while (clock.nowNs() < deadlineNs) {
    if (path === undefined ? started.saysReady : await answersWell(new URL(path, url))) {
      if (path === undefined || isOurs(url, pid)) return;
      // Nobody says whose answer it is: one of ours that found its port taken ends meanwhile.
      await sleep(clock, SETTLE_MS);
      if (endedBecause === undefined) return;
    }
    if (endedBecause !== undefined) throw new Error(endedBecause);
    await sleep(clock, PROBE_EVERY_MS);
  }
  const missing = path === undefined ? 'it did not say that it is ready' : `${path} did not answer`;
  throw new Error(`${missing} within ${timeoutSeconds} s`);
}

/** Throws where a process answers that was there before; false where that cannot be told. */
function isOurs(url: string, pid: number): boolean {
  const port = Number(new URL(url).port);
  const holder = portHolder(port, pid);
  if (holder.kind !== 'earlier') return holder.kind === 'ours';
  const who = `process ${holder.pid} (${holder.command})`;
  throw new Error(`port ${port} is answered by ${who}, which was there before it`);
}

async function answersWell(url: URL): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

/** The preferred port when it is free, else any. */
function freePort(preferred: number): Promise<number> {
  return listenOnce(preferred).catch(() => listenOnce(0));
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(port, HOST, () => {
      const address = probe.address();
      const free = typeof address === 'object' && address !== null ? address.port : port;
      probe.close(() => resolve(free));
    });
  });
}

function quoted(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `; its last output:\n${lines.map((line) => `  | ${line}`).join('\n')}\n`;
}
