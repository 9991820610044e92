import { NS_PER_MS } from '../../base/time/clock.ts';
import type { DriverDefinition } from '../../drivers/driver.ts';
import { DRIVER_NAMES, loadDriver } from '../../drivers/registry.ts';
import type { Load } from '../../load/executors/load-schema.ts';
import { modelOf } from '../../load/executors/registry.ts';
import type { MonitorSpec } from '../../measure/monitors/monitor-schema.ts';
import { nearestHint } from '../nearest.ts';
import type { ResolvedTarget } from '../resolved.ts';
import { oneOf, shown } from '../schema/issue-text.ts';
import { isLaterValue, LATER_MESSAGE } from '../schema/later-words.ts';
import { nameSchema } from '../schema/names.ts';
import { targetSchema } from '../schema/target-schema.ts';
import type { Path } from '../source/source-node.ts';
import { textAt } from '../source/source-node.ts';
import type { Surroundings } from '../surroundings.ts';
import type { TrialTree } from '../trial-tree.ts';

/** The drivers of a trial's targets, by target; where a driver is not known, nothing. */
export async function loadTargetDrivers(tree: TrialTree): Promise<Map<string, DriverDefinition>> {
  const drivers = new Map<string, DriverDefinition>();
  for (const name of tree.keys(['targets'])) {
    const driver = textAt(tree.root, ['targets', name, 'driver']);
    const known = DRIVER_NAMES.find((candidate) => candidate === driver);
    if (known !== undefined) drivers.set(name, await loadDriver(known));
  }
  return drivers;
}

/** `targets`: each parsed by the schema of its driver, and checked against what surrounds it. */
export function resolveTargets(
  tree: TrialTree,
  context: {
    readonly drivers: ReadonlyMap<string, DriverDefinition>;
    readonly surroundings: Surroundings;
    /** Those that are right: defaults that hang on the others do not matter. */
    readonly loads: readonly Load[];
  },
): Record<string, ResolvedTarget> {
  const targets: Record<string, ResolvedTarget> = {};
  const names = tree.keys(['targets']);
  if (names.length === 0) {
    const message =
      'a scenario needs at least one target, such as { driver: http, url: "http://…" }';
    tree.add({ path: ['targets'], message });
  }
  for (const name of names) {
    const path = ['targets', name];
    tree.checkName(nameSchema, path);
    const driver = context.drivers.get(name);
    if (driver === undefined) reportDriver(tree, path);
    else {
      const target = resolveTarget(tree, path, driver, context);
      if (target !== undefined) targets[name] = target;
    }
  }
  return targets;
}

function reportDriver(tree: TrialTree, path: Path): void {
  const at = [...path, 'driver'];
  const found = textAt(tree.root, at);
  if (!tree.isMap(path)) tree.add({ path, message: 'expected a map with `driver` and `url`' });
  else if (found === undefined) {
    tree.add({ path: at, message: `is missing; expected ${oneOf(DRIVER_NAMES)}` });
  } else if (isLaterValue('targets.any.driver', found)) {
    tree.add({ path: at, message: `${shown(found)} is ${LATER_MESSAGE}` });
  } else {
    const message = `there is no driver called ${shown(found)}`;
    tree.add({ path: at, message, hint: nearestHint(found, DRIVER_NAMES)! });
  }
}

function resolveTarget(
  tree: TrialTree,
  path: Path,
  driver: DriverDefinition,
  { surroundings, loads }: { surroundings: Surroundings; loads: readonly Load[] },
): ResolvedTarget | undefined {
  checkAddress(tree, path, driver, surroundings);
  const parsed = tree.parse(targetSchema(driver), path);
  if (parsed === undefined) return undefined;
  const { driver: _driver, url, server, timeout, connectTimeout, ...rest } = parsed;
  const { connection, labels, monitor, serverEnv, connections: asked, ...options } = rest;
  const byDefault = connection === undefined ? driver.defaultConnections?.(options) : undefined;
  const connections = asked ?? byDefault;
  checkMonitor(tree, path, driver, { url, monitor });
  return {
    name: String(path[1]),
    driver: driver.name,
    url,
    ...(server !== undefined && { server }),
    ...(serverEnv !== undefined && { serverEnv }),
    timeoutMs: timeout / NS_PER_MS,
    connectTimeoutMs: connectTimeout / NS_PER_MS,
    connection: connection ?? defaultConnection(loads),
    ...(connections !== undefined && { connections }),
    ...(monitor !== undefined && { monitor }),
    labels,
    options,
  };
}

/** What a server cannot be asked. */
function checkMonitor(
  tree: TrialTree,
  path: Path,
  driver: DriverDefinition,
  { url, monitor }: { readonly url: string; readonly monitor: MonitorSpec | undefined },
): void {
  if (monitor?.stats === true && driver.serverStats === undefined) {
    const message = `the ${driver.name} driver knows no statistics of its servers`;
    tree.add({ path: [...path, 'monitor', 'stats'], message });
  }
  const isPath = monitor?.prometheus?.startsWith('/') === true;
  const speaksHttp = url === '' ? driver.schemes.includes('http') : /^https?:/i.test(url);
  if (!isPath || speaksHttp) return;
  const message = 'a path needs a target with an http:// or https:// address';
  const hint = 'write the whole address of the page';
  tree.add({ path: [...path, 'monitor', 'prometheus'], message, hint });
}

/** Virtual users keep a connection as browsers do; arrivals take what is free. */
function defaultConnection(loads: readonly Load[]): 'perVu' | 'pooled' {
  const allOpen = loads.length > 0 && loads.every((load) => modelOf(load).kind === 'open');
  return allOpen ? 'pooled' : 'perVu';
}

/** Looks at the texts as they stand, so that another mistake in the target does not hide this. */
function checkAddress(
  tree: TrialTree,
  path: Path,
  driver: DriverDefinition,
  { recipes }: Surroundings,
): void {
  const url = textAt(tree.root, [...path, 'url']);
  const server = textAt(tree.root, [...path, 'server']);
  const hasUrl = tree.has([...path, 'url']) && url !== '';
  if (!hasUrl && !tree.has([...path, 'server'])) {
    const message = 'needs a url, or the name of a server to start';
    tree.add({ path: [...path, 'url'], message });
  }
  if (server !== undefined && !recipes.includes(server)) {
    const message = `there is no server recipe called ${shown(server)}`;
    const hint = nearestHint(server, recipes);
    tree.add({ path: [...path, 'server'], message, ...(hint !== undefined && { hint }) });
  }
  if (url) checkUrl(tree, [...path, 'url'], url, driver);
}

function checkUrl(tree: TrialTree, path: Path, url: string, driver: DriverDefinition): void {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  const expected = oneOf(driver.schemes.map((known) => `${known}://`));
  const found = shown(tree.shownText(path));
  if (scheme === undefined || !driver.schemes.includes(scheme)) {
    const message = `the ${driver.name} driver expects ${expected}, found ${found}`;
    tree.add({ path, message });
  } else if (!URL.canParse(url)) {
    tree.add({
      path,
      message: `expected an address such as ${driver.schemes[0]}://host:port, found ${found}`,
    });
  }
}
