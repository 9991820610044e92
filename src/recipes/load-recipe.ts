import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { LoadgenError, reasonOf } from '../base/errors/loadgen-error.ts';
import { recipeSchema, type Recipe } from './recipe-schema.ts';

/** True when loadgen runs from its sources, without having been compiled. */
const RUNS_FROM_SOURCE = import.meta.url.endsWith('.ts');
const PACKAGE_FOLDER = join(
  dirname(fileURLToPath(import.meta.url)),
  RUNS_FROM_SOURCE ? '../..' : '../../..',
);
const SERVERS_FOLDER = join(PACKAGE_FOLDER, 'servers');

/** Names of the servers that loadgen can start. */
export function recipeNames(): string[] {
  return readdirSync(SERVERS_FOLDER, { withFileTypes: true })
    .filter((entry) => existsSync(join(SERVERS_FOLDER, entry.name, 'recipe.yaml')))
    .map((entry) => entry.name)
    .toSorted();
}

/** What a target may name: servers, and `<server>:<key>` for their other addresses. */
export function serverNames(): string[] {
  return recipeNames().flatMap((name) => {
    const { urls } = loadRecipe(name);
    return [name, ...Object.keys(urls).map((key) => `${name}:${key}`)];
  });
}

/** The parts of what a target names; no key stands for the server's `url`. */
export function splitServerName(server: string): { recipe: string; key: string | undefined } {
  const [recipe = server, key] = server.split(':');
  return { recipe, key };
}

/** Throws RECIPE_UNKNOWN or RECIPE_INVALID. */
export function loadRecipe(server: string): Recipe {
  const known = recipeNames();
  if (!known.includes(server)) {
    throw new LoadgenError('RECIPE_UNKNOWN', { server, known: known.join(', ') });
  }
  const folder = join(SERVERS_FOLDER, server);
  const file = join(folder, 'recipe.yaml');
  return { ...parseRecipe(file), folder };
}

/** The server that takes the place of any server of `driver`; throws NO_STAND_IN. */
export function standInRecipe(driver: string, command: 'audit' | 'calibrate'): Recipe {
  const recipes = recipeNames().map(loadRecipe);
  const stands = recipes.filter(({ standsIn }) => standsIn?.for === command);
  const found = stands.find(({ standsIn }) => standsIn!.drivers.includes(driver));
  if (found !== undefined) return found;
  const drivers = [...new Set(stands.flatMap(({ standsIn }) => standsIn!.drivers))];
  throw new LoadgenError('NO_STAND_IN', { driver, command, known: drivers.join(', ') });
}

function parseRecipe(file: string): Omit<Recipe, 'folder'> {
  let source: unknown;
  try {
    source = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new LoadgenError('RECIPE_INVALID', { file, problems: reasonOf(error) });
  }
  const parsed = recipeSchema.safeParse(source);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new LoadgenError('RECIPE_INVALID', { file, problems: problems.join('; ') });
}

export interface RecipePlaces {
  readonly host: string;
  readonly port: number;
  /** Those of the recipe's `ports`, by name. */
  readonly ports?: Readonly<Record<string, number>>;
}

/** Fills the `${...}` places of a recipe's text. */
export function fillPlaces(text: string, recipe: Recipe, places: RecipePlaces): string {
  const more = Object.entries(places.ports ?? {}).map(([name, port]) => [name, String(port)]);
  const values: Readonly<Record<string, string>> = {
    ...Object.fromEntries(more),
    HOST: places.host,
    PORT: String(places.port),
    NODE: process.execPath,
    RECIPE_DIR: recipe.folder,
    ENTRY: entryFile(recipe),
  };
  return text.replace(/\$\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}

/** Node strips no types under node_modules, so an installed package runs the compiled form. */
function entryFile(recipe: Recipe): string {
  const entry = recipe.entry ?? 'main.ts';
  if (RUNS_FROM_SOURCE) return join(recipe.folder, entry);
  return join(PACKAGE_FOLDER, 'dist/servers', recipe.name, entry.replace(/\.ts$/, '.js'));
}
