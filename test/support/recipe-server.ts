import { systemClock } from '../../src/base/time/clock.ts';
import { loadRecipe } from '../../src/recipes/load-recipe.ts';
import { startServer, type RunningServer } from '../../src/recipes/start-server.ts';

/** Starts the server of a recipe, under its guardian, and waits until it is ready. */
export async function startRecipe(name: string): Promise<RunningServer> {
  return startServer({
    recipe: loadRecipe(name),
    target: 'target',
    clock: systemClock,
    status: () => {},
    output: () => {},
  });
}
