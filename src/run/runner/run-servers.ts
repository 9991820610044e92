import type { Clock } from '../../base/time/clock.ts';
import { loadRecipe, splitServerName } from '../../recipes/load-recipe.ts';
import { startServer, type RunningServer } from '../../recipes/start-server.ts';
import type { ResolvedTarget, ResolvedTrial } from '../../scenario/resolved.ts';

export interface ServerOutput {
  status(text: string): void;
  output(server: string, line: string): void;
}

/**
 * The servers that a run started itself, by recipe and environment. They live as long as trials follow that use
 * them, so that a sweep over the load does not restart its server.
 */
export class RunServers {
  readonly #running = new Map<string, RunningServer>();
  readonly #clock: Clock;
  readonly #told: ServerOutput;

  constructor(clock: Clock, told: ServerOutput) {
    this.#clock = clock;
    this.#told = told;
  }

  /** The trial with the URL and labels of servers that had to be started. */
  async up(trial: ResolvedTrial): Promise<ResolvedTrial> {
    const wanted = Object.values(trial.targets).filter(needsServer);
    await this.#stopOthers(new Set(wanted.map(keyOf)));
    const targets: Record<string, ResolvedTarget> = { ...trial.targets };
    for (const target of wanted) {
      const { key } = splitServerName(target.server);
      const server = await this.#started(target);
      targets[target.name] = {
        ...target,
        url: key === undefined ? server.url : server.urls[key]!,
        labels: { ...server.recipe.labels, ...target.labels },
      };
    }
    return { ...trial, targets };
  }

  /** The server that stands behind a target, if this run started it. */
  of(target: ResolvedTarget): RunningServer | undefined {
    const server = target.server === undefined ? undefined : this.#running.get(keyOf(target));
    if (server === undefined) return undefined;
    return [server.url, ...Object.values(server.urls)].includes(target.url) ? server : undefined;
  }

  async stop(): Promise<void> {
    await this.#stopOthers(new Set());
  }

  async #started(target: ResolvedTarget & { readonly server: string }): Promise<RunningServer> {
    const running = this.#running.get(keyOf(target));
    if (running !== undefined) return running;
    const recipe = loadRecipe(splitServerName(target.server).recipe);
    const server = await startServer({
      recipe: { ...recipe, env: { ...recipe.env, ...target.serverEnv } },
      target: target.name,
      clock: this.#clock,
      status: (text) => this.#told.status(text),
      output: (line) => this.#told.output(recipe.name, line),
    });
    this.#running.set(keyOf(target), server);
    return server;
  }

  async #stopOthers(wanted: ReadonlySet<string>): Promise<void> {
    const others = [...this.#running].filter(([name]) => !wanted.has(name));
    for (const [name] of others) this.#running.delete(name);
    await Promise.all(others.map(([, server]) => server.stop()));
  }
}

function needsServer(target: ResolvedTarget): target is ResolvedTarget & { server: string } {
  return target.url === '' && target.server !== undefined;
}

/** What makes two targets share a server. */
function keyOf({ server, serverEnv = {} }: Pick<ResolvedTarget, 'server' | 'serverEnv'>): string {
  const env = Object.entries(serverEnv).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([splitServerName(server ?? '').recipe, env]);
}
