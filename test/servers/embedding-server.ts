/** Starts the real process of an embedding server the way its recipe says. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillPlaces, loadRecipe } from '../../src/recipes/load-recipe.ts';

export interface EmbeddingServer extends AsyncDisposable {
  process: ChildProcess;
  url: string;
}

/** Says why the server of this recipe cannot be tested here, or nothing when it can. */
export function whyNotInstalled(name: string): string | false {
  const { install, folder } = loadRecipe(name);
  const [program, ...argv] = install?.check ?? ['true'];
  if (spawnSync(program!, argv, { cwd: folder }).status === 0) return false;
  return `not installed: run bash servers/${name}/install.sh`;
}

export interface StartOptions {
  flags?: readonly string[];
  env?: Readonly<Record<string, string>>;
}

/** Starts the server on a free port and waits until it is ready; disposing of it kills it. */
export async function startByRecipe(
  name: string,
  { flags = [], env = {} }: StartOptions = {},
): Promise<EmbeddingServer> {
  const recipe = loadRecipe(name);
  const places = { host: '127.0.0.1', port: await freePort() };
  const [program, ...argv] = recipe.command.map((part) => fillPlaces(part, recipe, places));
  const server = spawn(program!, [...argv, ...flags], {
    cwd: recipe.folder,
    env: { ...process.env, ...recipe.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const output: string[] = [];
  server.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const url = fillPlaces(recipe.url, recipe, places);
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  try {
    const deadline = Date.now() + recipe.ready.timeoutSeconds * 1_000;
    while (!(await isReady(`${url}${recipe.ready.path}`))) {
      if (server.exitCode !== null) throw new Error(`ended with ${server.exitCode}`);
      if (Date.now() > deadline) throw new Error('did not become ready');
      await sleep(50);
    }
  } catch (error) {
    await kill();
    throw new Error(`${name} did not start: ${output.join('')}`, { cause: error });
  }
  return { process: server, url, [Symbol.asyncDispose]: kill };
}

/** Runs the server with flags that it has to refuse; returns its exit code and what it says. */
export function runRefused(
  name: string,
  ...flags: string[]
): { code: number | null; says: string } {
  const { folder, env } = loadRecipe(name);
  const result = spawnSync('bash', ['serve.sh', ...flags], {
    cwd: folder,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { code: result.status, says: result.stderr };
}

async function isReady(url: string): Promise<boolean> {
  return await fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
