import type { DriverDefinition } from '../../drivers/driver.ts';
import { loadDriver, type DriverName } from '../../drivers/registry.ts';
import type { ResolvedTrial } from '../../scenario/resolved.ts';

/** The drivers of all targets of these trials, by driver name. */
export async function loadDefinitions(
  trials: readonly ResolvedTrial[],
): Promise<ReadonlyMap<string, DriverDefinition>> {
  const names = new Set(
    trials.flatMap(({ targets }) => Object.values(targets).map(({ driver }) => driver)),
  );
  const definitions = new Map<string, DriverDefinition>();
  for (const name of names) definitions.set(name, await loadDriver(name as DriverName));
  return definitions;
}
