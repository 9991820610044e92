/** Where a value stands in the scenario file, and which override brought it there, if one did. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly override?: string;
  /** Where that is not the file that is run, but one that it extends. */
  readonly file?: string;
}

/** Overrides from the command line stand nowhere until they are merged over something. */
export const NOWHERE = 0;

/** The scenario as written: plain values, each with its place. Never changed, only replaced. */
export type SourceNode = SourceScalar | SourceMap | SourceList;

export type SourceValue = string | number | boolean | null;

export interface SourceScalar {
  readonly kind: 'scalar';
  readonly value: SourceValue;
  readonly place: Place;
  /** Written in quotes or as a block: always a text, whatever it looks like. */
  readonly quoted: boolean;
  /** Filled in from the environment or from params, and text only because those are. */
  readonly filledIn?: boolean;
  /** Set where parts of `value` came out of the environment. */
  readonly environment?: {
    /** The parts, which may be secret. */
    readonly secrets: readonly string[];
    /** `value` with those parts hidden. */
    readonly masked: string;
  };
}

export interface SourceMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, SourceEntry>;
  readonly place: Place;
}

export interface SourceEntry {
  /** Where the key stands. */
  readonly key: Place;
  readonly node: SourceNode;
}

export interface SourceList {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
  readonly place: Place;
}

/** A path from the root: keys of maps, indices of lists. */
export type Path = readonly (string | number)[];

/** Names that JavaScript objects have by birth: as keys they would shadow or alter them. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__';
}

/** The plain value of a node, for schemas. */
export function toValue(node: SourceNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toValue);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, toValue(entry.node)]));
}

export function childOf(
  node: SourceNode | undefined,
  key: string | number,
): SourceNode | undefined {
  if (node?.kind === 'map') return node.entries.get(String(key))?.node;
  if (node?.kind === 'list') return node.items[Number(key)];
  return undefined;
}

export function nodeAt(root: SourceNode | undefined, path: Path): SourceNode | undefined {
  let node = root;
  for (const key of path) node = childOf(node, key);
  return node;
}

/** The text of a scalar child, or undefined: for peeking before anything has been validated. */
export function textAt(root: SourceNode | undefined, path: Path): string | undefined {
  const node = nodeAt(root, path);
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** The name under which a list item can be reached. */
export function itemName(node: SourceNode | undefined): string | undefined {
  return textAt(node, ['name']);
}

/**
 * The place of the value at `path` (of its key with `atKey`), or of the nearest thing around it
 * that exists: a missing key is reported where its map was opened.
 */
export function placeAt(root: SourceNode, path: Path, atKey = false): Place {
  let node: SourceNode = root;
  let place = root.place;
  for (const [depth, key] of path.entries()) {
    const child = childOf(node, key);
    if (child === undefined) break;
    const keyPlace = node.kind === 'map' ? node.entries.get(String(key))?.key : undefined;
    const missingNext = depth + 1 < path.length && childOf(child, path[depth + 1]!) === undefined;
    const wantsKey =
      keyPlace !== undefined && (missingNext || (atKey && depth + 1 === path.length));
    place = wantsKey ? keyPlace : child.place;
    node = child;
  }
  return place;
}

/** Dotted, with list items by name where they have one and by [index] where not. */
export function formatPath(root: SourceNode | undefined, path: Path): string {
  let text = '';
  let node = root;
  for (const key of path) {
    const child = childOf(node, key);
    const label = node?.kind === 'list' || typeof key === 'number' ? itemName(child) : String(key);
    if (label === undefined) text += `[${key}]`;
    else text += text === '' ? label : `.${label}`;
    node = child;
  }
  return text;
}

/** Every scalar below `node`, with its path. */
export function* scalarsBelow(
  node: SourceNode,
  path: Path = [],
): Generator<{ path: Path; scalar: SourceScalar }> {
  if (node.kind === 'scalar') yield { path, scalar: node };
  else if (node.kind === 'list') {
    for (const [index, item] of node.items.entries()) yield* scalarsBelow(item, [...path, index]);
  } else {
    for (const [key, entry] of node.entries) yield* scalarsBelow(entry.node, [...path, key]);
  }
}

/** The same tree with every scalar put through `change`. */
export function mapScalars(
  node: SourceNode,
  change: (scalar: SourceScalar, path: Path) => SourceNode,
  path: Path = [],
): SourceNode {
  if (node.kind === 'scalar') return change(node, path);
  if (node.kind === 'list') {
    const items = node.items.map((item, index) => mapScalars(item, change, [...path, index]));
    return { ...node, items };
  }
  const entries = new Map<string, SourceEntry>();
  for (const [key, entry] of node.entries) {
    entries.set(key, { ...entry, node: mapScalars(entry.node, change, [...path, key]) });
  }
  return { ...node, entries };
}

/** The same tree with every place, of keys and of values, put through `change`. */
export function mapPlaces<Node extends SourceNode>(
  node: Node,
  change: (place: Place) => Place,
): Node;
export function mapPlaces(node: SourceNode, change: (place: Place) => Place): SourceNode {
  const place = change(node.place);
  if (node.kind === 'scalar') return { ...node, place };
  if (node.kind === 'list') {
    return { ...node, place, items: node.items.map((item) => mapPlaces(item, change)) };
  }
  const entries = new Map<string, SourceEntry>();
  for (const [key, entry] of node.entries) {
    entries.set(key, { key: change(entry.key), node: mapPlaces(entry.node, change) });
  }
  return { ...node, place, entries };
}

/** The same tree, marked as brought in by an override that problems are to name. */
export function fromOverride<Node extends SourceNode>(node: Node, override: string): Node {
  return mapPlaces(node, (place) => ({ ...place, override }));
}
