import { existsSync, readFileSync } from 'node:fs';
import { serverNames } from '../recipes/load-recipe.ts';
import { REPORT_FORMATS } from '../reports/registry.ts';
import type { ScenarioRequest } from '../scenario/resolve-scenario.ts';
import type { CommandIo } from './command-io.ts';
import type { ScenarioOptions } from './commands/run-options.ts';

/** What `src/scenario` is asked for a file: the command line, and what this machine has. */
export function scenarioRequest(
  file: string,
  options: ScenarioOptions,
  io: CommandIo,
): ScenarioRequest {
  return {
    file,
    profiles: options.profiles,
    set: options.set,
    targets: options.targets,
    ...(options.seed !== undefined && { seed: options.seed }),
    environment: io.environment,
    surroundings: {
      recipes: serverNames(),
      reportFormats: REPORT_FORMATS,
      descriptorLimit: descriptorLimit(),
    },
  };
}

const LIMITS_FILE = '/proc/self/limits';

/**
 * How many files this process may have open. Node has raised its soft limit to the hard one when
 * it started. Undefined where the system does not say it in a file.
 */
function descriptorLimit(): number | undefined {
  if (!existsSync(LIMITS_FILE)) return undefined;
  const limit = /^Max open files\s+(\d+)/m.exec(readFileSync(LIMITS_FILE, 'utf8'))?.[1];
  return limit === undefined ? undefined : Number(limit);
}
