/** Servers of recipes, with all their processes on the server's core. */
import { spawnSync } from 'node:child_process';
import { systemClock } from '../../src/base/time/clock.ts';
import { loadRecipe } from '../../src/recipes/load-recipe.ts';
import { startServer, type RunningServer } from '../../src/recipes/start-server.ts';
import { SERVER_CORE } from '../machine/cores.ts';

/** What it needs is in place. */
export function isInstalled(name: string): boolean {
  const { install, folder } = loadRecipe(name);
  const [program, ...argv] = install?.check ?? ['true'];
  return spawnSync(program!, argv, { cwd: folder, stdio: 'ignore' }).status === 0;
}

/** Its guardian ends it, also where this process is killed. */
export function startPinnedRecipe(name: string): Promise<RunningServer> {
  const recipe = loadRecipe(name);
  const command = ['taskset', '-c', String(SERVER_CORE), ...recipe.command];
  return startServer({
    recipe: { ...recipe, command },
    target: 'server',
    clock: systemClock,
    status: () => {},
    output: () => {},
  });
}
