import type { Clock } from '../../base/time/clock.ts';
import { loadRecipe, splitServerName } from '../../recipes/load-recipe.ts';
import { startServer, type RunningServer } from '../../recipes/start-server.ts';
import type { ResolvedTarget, ResolvedTrial } from '../../scenario/resolved.ts';

export interface ServerOutput {
  status(text: string): void;
  output(server: string, line: string): void;
}

/**
 * The servers that a run started itself, by recipe. They live as long as trials follow that use
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
    await this.#stopOthers(new Set(wanted.map(({ server }) => splitServerName(server).recipe)));
    const targets: Record<string, ResolvedTarget> = { ...trial.targets };
    for (const target of wanted) {
      const { recipe, key } = splitServerName(target.server);
      const server = await this.#started(recipe, target.name);
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
    const server = this.#running.get(splitServerName(target.server ?? '').recipe);
    if (server === undefined) return undefined;
    return [server.url, ...Object.values(server.urls)].includes(target.url) ? server : undefined;
  }

  async stop(): Promise<void> {
    await this.#stopOthers(new Set());
  }

  async #started(name: string, target: string): Promise<RunningServer> {
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const server = await startServer({
      recipe: loadRecipe(name),
      target,
      clock: this.#clock,
      status: (text) => this.#told.status(text),
      output: (line) => this.#told.output(name, line),
    });
    this.#running.set(name, server);
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
