import type { Clock } from '../../base/time/clock.ts';
import { splitServerName, standInRecipe } from '../../recipes/load-recipe.ts';
import { startServer, type RunningServer } from '../../recipes/start-server.ts';
import type { ResolvedTarget, ResolvedTrial } from '../../scenario/resolved.ts';

export interface StandInOptions {
  readonly command: 'audit' | 'calibrate';
  /** Added to the command line of the server. */
  readonly serverOptions: readonly string[];
  /** What is asked until it is ready, where that is not what its recipe says. */
  readonly readyPath?: string;
  readonly clock: Clock;
  status(text: string): void;
  output(line: string): void;
}

/** The servers that stand in for those of a trial, by driver. */
export type StandInServers = ReadonlyMap<string, RunningServer>;

/** Starts a server for each driver of a trial, calls `work`, and stops them whatever came of it. */
export async function withStandIns<Result>(
  trial: ResolvedTrial,
  options: StandInOptions,
  work: (servers: StandInServers) => Promise<Result>,
): Promise<Result> {
  const servers = new Map<string, RunningServer>();
  // Before any is started: a driver without one is a mistake of whoever asked.
  const recipes = [...driversOf(trial)].map((driver) => ({
    driver,
    recipe: standInRecipe(driver, options.command),
  }));
  try {
    for (const { driver, recipe } of recipes) {
      const { clock, status, output, serverOptions, readyPath = recipe.ready.path } = options;
      const server = await startServer({
        recipe: {
          ...recipe,
          command: [...recipe.command, ...serverOptions],
          // Any free one: whoever else takes the usual port meanwhile must not answer in its place.
          port: 0,
          ready: readyPath === undefined ? recipe.ready : { ...recipe.ready, path: readyPath },
        },
        target: recipe.name,
        clock,
        status,
        output,
      });
      servers.set(driver, server);
    }
    return await work(servers);
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()));
  }
}

/** The address of a stand-in that is reached as the target is, where it has one. */
export function standInUrl(
  { url, urls }: Pick<RunningServer, 'url' | 'urls'>,
  target: Pick<ResolvedTarget, 'url' | 'server'>,
): string {
  const { key = '' } = splitServerName(target.server ?? '');
  const protocol = URL.parse(target.url)?.protocol;
  const alike = [url, ...Object.values(urls)].find((one) => new URL(one).protocol === protocol);
  return (target.url === '' ? urls[key] : alike) ?? url;
}

function driversOf({ flows }: ResolvedTrial): ReadonlySet<string> {
  return new Set(flows.flatMap(({ steps }) => steps.map(({ driver }) => driver)));
}
