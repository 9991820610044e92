import type { Place, SourceEntry, SourceMap, SourceNode } from '../source/source-node.ts';
import { isForbiddenKey } from '../source/source-node.ts';
import type { MergeProblem } from './merge.ts';

/** Keys that decide what is run at all, and can therefore not be changed by an override. */
const FIXED_KEYS: Readonly<Record<string, string>> = {
  version: 'the version belongs to the file',
  extends: 'a base scenario belongs to the file',
  profiles: 'profiles are chosen with --profile',
};

/**
 * An override as written, with dotted paths as keys, as the tree that it lays over the scenario.
 * Only the outermost keys are paths: inside, a dot is a dot (`headers: { "x.y": 1 }`).
 */
export function nestOverride(
  written: SourceMap,
  fixed: readonly string[] = [],
): { override: SourceMap; problems: MergeProblem[] } {
  const problems: MergeProblem[] = [];
  let override: SourceMap = { kind: 'map', entries: new Map(), place: written.place };
  for (const [key, entry] of written.entries) {
    const path = key.split('.');
    const reason = refusal(path, fixed);
    if (reason !== undefined) problems.push({ path, place: entry.key, message: reason });
    else override = insert(override, path, entry, problems, path);
  }
  return { override, problems };
}

function refusal(path: readonly string[], fixed: readonly string[]): string | undefined {
  if (path.some((part) => part === '' || isForbiddenKey(part))) return 'this is not a path';
  const first = path[0]!;
  if (fixed.includes(first)) return `${first} cannot be changed here`;
  return Object.hasOwn(FIXED_KEYS, first)
    ? `cannot be overridden: ${FIXED_KEYS[first]}`
    : undefined;
}

function insert(
  into: SourceMap,
  path: readonly string[],
  entry: SourceEntry,
  problems: MergeProblem[],
  whole: readonly string[],
): SourceMap {
  const [key, ...rest] = path;
  const present = into.entries.get(key!);
  const entries = new Map(into.entries);
  if (rest.length > 0) {
    const below = present?.node.kind === 'map' ? present.node : emptyMap(entry.key);
    if (present !== undefined && present.node.kind !== 'map') problems.push(twice(whole, entry));
    entries.set(key!, {
      key: present?.key ?? entry.key,
      node: insert(below, rest, entry, problems, whole),
    });
  } else if (present?.node.kind === 'map' && entry.node.kind === 'map') {
    entries.set(key!, { ...present, node: unite(present.node, entry.node, problems, whole) });
  } else {
    if (present !== undefined) problems.push(twice(whole, entry));
    entries.set(key!, entry);
  }
  return { ...into, entries };
}

/** `load: {…}` beside `load.vus: 4` in one override: both are meant. */
function unite(
  first: SourceMap,
  second: SourceMap,
  problems: MergeProblem[],
  whole: readonly string[],
): SourceNode {
  let united = first;
  for (const [key, entry] of second.entries) {
    united = insert(united, [key], entry, problems, [...whole, key]);
  }
  return united;
}

function twice(path: readonly string[], entry: SourceEntry): MergeProblem {
  return { path, place: entry.key, message: 'this override sets it twice' };
}

function emptyMap(place: Place): SourceMap {
  return { kind: 'map', entries: new Map(), place };
}
