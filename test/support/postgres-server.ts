import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

const SERVERS = fileURLToPath(new URL('../../servers/', import.meta.url));

/** Which of the recipes is installed here; the first one found is what tests run against. */
const RECIPES = ['postgres-embedded', 'postgres'];

export interface PostgresServer {
  readonly port: number;
  readonly url: string;
  /** Resolves with how often a line of its log held `text` so far. */
  logged(text: string): number;
  stop(): Promise<void>;
}

/** The recipe that tests can start, or undefined where none is installed. */
export function installedPostgres(): string | undefined {
  return RECIPES.find((name) => {
    const check = spawnSync('bash', ['install.sh', '--check'], { cwd: `${SERVERS}${name}` });
    return check.status === 0;
  });
}

/** Why tests against PostgreSQL are skipped; false where they run. */
export function whyNoPostgres(): string | false {
  if (installedPostgres() !== undefined) return false;
  return 'no PostgreSQL is installed: run bash servers/postgres-embedded/install.sh';
}

/** An empty PostgreSQL in a process of its own, that loses everything when it ends. */
export async function startPostgres(...options: readonly string[]): Promise<PostgresServer> {
  const recipe = installedPostgres();
  if (recipe === undefined) throw new Error('no PostgreSQL is installed');
  return startPostgresOf(recipe, ...options);
}

/** The same, of the recipe that is named. */
export async function startPostgresOf(
  recipe: string,
  ...options: readonly string[]
): Promise<PostgresServer> {
  return startPostgresBy(['bash', 'serve.sh'], recipe, options);
}

/** The same, started by a command that runs the recipe's `serve.sh` with the arguments it is given. */
export async function startPostgresBy(
  [program = 'bash', ...before]: readonly string[],
  recipe: string,
  options: readonly string[],
): Promise<PostgresServer> {
  const port = await freePort();
  const fast = ['-c', 'fsync=off', '-c', 'log_connections=on', '-c', 'autovacuum=off'];
  const argv = [...before, '--port', String(port), ...fast, ...options];
  const child = spawn(program, argv, {
    cwd: `${SERVERS}${recipe}`,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        lines.push(line);
        if (line.includes('ready to accept connections')) resolve();
      });
    }
  });
  const early = ended.then(() => {
    throw new Error(`PostgreSQL did not start:\n${lines.join('\n')}`);
  });
  early.catch(() => {});
  await Promise.race([ready, early]);
  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    logged: (text) => lines.filter((line) => line.includes(text)).length,
    async stop() {
      if (child.exitCode === null) child.kill('SIGINT');
      await ended;
    },
  };
}
