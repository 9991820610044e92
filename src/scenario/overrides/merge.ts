import { nearestHint } from '../nearest.ts';
import {
  itemName,
  NOWHERE,
  type Path,
  type Place,
  type SourceEntry,
  type SourceList,
  type SourceMap,
  type SourceNode,
} from '../source/source-node.ts';

/** Something that an override asks for and that the scenario has no place for. */
export interface MergeProblem {
  readonly path: Path;
  readonly place: Place;
  readonly message: string;
  readonly hint?: string;
}

/** Sections whose keys are the user's own names, and what makes an entry of them whole. */
const NAMED_SECTIONS: Readonly<Record<string, { thing: string; whole: readonly string[] }>> = {
  params: { thing: 'param', whole: [] },
  targets: { thing: 'target', whole: ['driver'] },
  flows: { thing: 'flow', whole: ['steps'] },
  data: { thing: 'feeder', whole: ['file', 'files', 'inline', 'generate'] },
};

/**
 * The scenario with an override laid over it: maps merge, scalars and lists replace, `null`
 * removes, and a map laid over a list reaches the items by their names. An override that names
 * an `executor` replaces its whole load block, since executors share few keys.
 */
export function mergeOverride(
  base: SourceMap,
  override: SourceMap,
): { merged: SourceMap; problems: MergeProblem[] } {
  const problems: MergeProblem[] = [];
  const merged = mergeMap(base, override, [], problems);
  return { merged, problems };
}

function merge(
  base: SourceNode,
  override: SourceNode,
  path: Path,
  problems: MergeProblem[],
): SourceNode {
  if (override.kind !== 'map') return settle(override, base.place);
  if (base.kind === 'map' && !replacesLoad(override, path)) {
    return mergeMap(base, override, path, problems);
  }
  if (base.kind === 'list') return mergeList(base, override, path, problems);
  return settle(override, base.place);
}

function mergeMap(
  base: SourceMap,
  override: SourceMap,
  path: Path,
  problems: MergeProblem[],
): SourceMap {
  const entries = new Map(base.entries);
  for (const [key, entry] of override.entries) {
    const below = [...path, key];
    const present = entries.get(key);
    if (isNull(entry.node)) entries.delete(key);
    else if (present === undefined && isNamedSection(entry.node, below)) {
      const empty: SourceMap = {
        kind: 'map',
        entries: new Map(),
        place: at(entry.key, base.place),
      };
      entries.set(key, { key: empty.place, node: mergeMap(empty, entry.node, below, problems) });
    } else if (present === undefined) {
      const problem = inventedName(base, entry, below);
      if (problem !== undefined) problems.push({ ...problem, place: at(entry.key, base.place) });
      else entries.set(key, settleEntry(entry, base.place));
    } else {
      entries.set(key, { ...present, node: merge(present.node, entry.node, below, problems) });
    }
  }
  return { ...base, entries };
}

function mergeList(
  base: SourceList,
  override: SourceMap,
  path: Path,
  problems: MergeProblem[],
): SourceList {
  const items: (SourceNode | undefined)[] = [...base.items];
  const names = base.items.map(itemName);
  for (const [name, entry] of override.entries) {
    const index = names.indexOf(name);
    if (index < 0) {
      problems.push({
        path: [...path, name],
        ...noSuchItem(name, names),
        place: at(entry.key, base.place),
      });
    } else if (isNull(entry.node)) items[index] = undefined;
    else items[index] = merge(base.items[index]!, entry.node, [...path, index], problems);
  }
  return { ...base, items: items.filter((item) => item !== undefined) };
}

function noSuchItem(name: string, names: readonly (string | undefined)[]) {
  const known = names.filter((known) => known !== undefined);
  if (known.length === 0) {
    return {
      message: 'the items of this list have no names',
      hint: 'Give the whole list instead.',
    };
  }
  return { message: `no item of this list is called ${name}`, ...hint(nearestHint(name, known)) };
}

/** A section that the scenario has not got yet: its names are as new as in one that it has. */
function isNamedSection(node: SourceNode, path: Path): node is SourceMap {
  return node.kind === 'map' && path.length === 1 && Object.hasOwn(NAMED_SECTIONS, path[0]!);
}

/** A misspelled name would add a useless entry; one that is complete is meant to be new. */
function inventedName(base: SourceMap, entry: SourceEntry, path: Path) {
  const section = path.length === 2 ? NAMED_SECTIONS[String(path[0])] : undefined;
  if (section === undefined) return undefined;
  const keys = entry.node.kind === 'map' ? [...entry.node.entries.keys()] : [];
  if (keys.some((key) => section.whole.includes(key))) return undefined;
  const name = String(path[1]);
  const message = `there is no ${section.thing} called ${name} to override`;
  return { path, message, ...hint(nearestHint(name, [...base.entries.keys()])) };
}

function replacesLoad(override: SourceMap, path: Path): boolean {
  return ['load', 'warmup'].includes(String(path.at(-1))) && override.entries.has('executor');
}

/** A new part of the tree: removals in it have nothing to remove, and it needs a place. */
function settle(node: SourceNode, around: Place): SourceNode {
  const place = at(node.place, around);
  if (node.kind === 'scalar') return { ...node, place };
  if (node.kind === 'list') {
    return { ...node, place, items: node.items.map((item) => settle(item, place)) };
  }
  const kept = [...node.entries].filter(([, entry]) => !isNull(entry.node));
  const entries = new Map(kept.map(([key, entry]) => [key, settleEntry(entry, place)]));
  return { ...node, place, entries };
}

function settleEntry(entry: SourceEntry, around: Place): SourceEntry {
  return { key: at(entry.key, around), node: settle(entry.node, around) };
}

/** What comes from the command line is shown where the thing stands that it overrides. */
function at(place: Place, around: Place): Place {
  return place.line === NOWHERE ? { ...place, line: around.line, column: around.column } : place;
}

function isNull(node: SourceNode): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function hint(text: string | undefined): { hint?: string } {
  return text === undefined ? {} : { hint: text };
}
