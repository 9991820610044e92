import type { Scalar } from '../resolved.ts';
import {
  fromOverride,
  nodeAt,
  type Path,
  type SourceEntry,
  type SourceMap,
  type SourceNode,
} from '../source/source-node.ts';
import { nearestHint } from '../nearest.ts';
import type { MergeProblem } from './merge.ts';
import { nestOverride } from './nest-override.ts';

/** A bound on the trials of one run, so that a sweep of five axes is noticed before it starts. */
export const MAX_TRIALS = 1000;

/** One combination of the swept axes: what it is called, and what it lays over the scenario. */
export interface SweepPoint {
  readonly axes: Readonly<Record<string, Scalar>>;
  readonly overrides: readonly SourceMap[];
}

export interface Sweep {
  readonly points: readonly SweepPoint[];
  /** Every axis of the scenario → its values or points, with those that were collapsed away. */
  readonly axes: Readonly<Record<string, readonly string[]>>;
  readonly problems: readonly MergeProblem[];
}

interface Axis {
  readonly key: string;
  readonly steps: readonly { readonly value: Scalar; readonly override?: SourceMap }[];
  /** What its points set. */
  readonly paths: readonly Path[];
  readonly entry: SourceEntry;
}

/** Keys that are one for all trials of a run. */
const ONE_PER_RUN = ['name', 'report', 'sweep', 'trials'];
const POINT_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;
const AXIS_LABEL = /^[a-zA-Z][a-zA-Z0-9_]*$/;

/**
 * The trials that a `sweep` asks for: axes multiplied in the order in which they are listed, the
 * last one fastest. `commandLine` collapses the axes whose paths it sets: the value that was
 * asked for is the only one left of a `path: [values]` axis, and an axis of named points goes.
 * `listed` is the scenario before the command line.
 */
export function readSweep(base: SourceMap, commandLine: SourceMap, listed: SourceMap): Sweep {
  const problems: MergeProblem[] = [];
  const axes = readAxes(base, problems);
  reportOverlap(axes, problems);
  const set = [...scalarPaths(commandLine)];
  const kept = axes.flatMap((axis) => collapse(axis, set, base));
  const count = kept.reduce((product, axis) => product * axis.steps.length, 1);
  if (count > MAX_TRIALS) {
    const message = `${count} trials; the limit is ${MAX_TRIALS}`;
    problems.push({ path: ['sweep'], place: base.entries.get('sweep')!.key, message });
  }
  const points = count > MAX_TRIALS ? [] : multiply(kept);
  return { points, axes: axisValues([...readAxes(listed, []), ...kept]), problems };
}

function axisValues(axes: readonly Axis[]): Record<string, readonly string[]> {
  const values: Record<string, string[]> = {};
  for (const { key, steps } of axes) {
    const known = Object.hasOwn(values, key) ? values[key]! : [];
    values[key] = [...new Set([...known, ...steps.map(({ value }) => String(value))])];
  }
  return values;
}

/**
 * `--set AXIS=POINT` chooses one point of an axis of named points: the setting is taken out of
 * the command line, and the axis is left with that point.
 */
export function choosePoints(
  base: SourceMap,
  commandLine: SourceMap,
): { base: SourceMap; commandLine: SourceMap; problems: MergeProblem[] } {
  const sweep = base.entries.get('sweep');
  const problems: MergeProblem[] = [];
  if (sweep?.node.kind !== 'map') return { base, commandLine, problems };
  const axes = new Map(sweep.node.entries);
  const settings = new Map(commandLine.entries);
  for (const [key, setting] of commandLine.entries) {
    const points = axes.get(key)?.node;
    if (points?.kind !== 'map' || setting.node.kind !== 'scalar') continue;
    settings.delete(key);
    const name = String(setting.node.value);
    const point = points.entries.get(name);
    if (point === undefined) {
      const known = nearestHint(name, [...points.entries.keys()]);
      const place = { ...axes.get(key)!.key, ...overrideOf(setting) };
      const message = `the axis ${key} has no point called ${name}`;
      problems.push({ path: ['sweep', key], place, message, ...(known && { hint: known }) });
    } else {
      const only: SourceNode = { ...points, entries: new Map([[name, point]]) };
      axes.set(key, { ...axes.get(key)!, node: only });
    }
  }
  const entries = new Map(base.entries);
  entries.set('sweep', { ...sweep, node: { ...sweep.node, entries: axes } });
  return {
    base: { ...base, entries },
    commandLine: { ...commandLine, entries: settings },
    problems,
  };
}

function overrideOf(entry: SourceEntry) {
  return entry.key.override === undefined ? {} : { override: entry.key.override };
}

function readAxes(base: SourceMap, problems: MergeProblem[]): Axis[] {
  const node = base.entries.get('sweep')?.node;
  if (node === undefined) return [];
  if (node.kind !== 'map') {
    problems.push({ path: ['sweep'], place: node.place, message: 'expected a map of axes' });
    return [];
  }
  const axes: Axis[] = [];
  for (const [key, entry] of node.entries) {
    const axis =
      entry.node.kind === 'map'
        ? readLabelAxis(key, entry, entry.node, problems)
        : readPathAxis(key, entry, problems);
    if (axis !== undefined) axes.push(axis);
  }
  return axes;
}

/** `params.tokens: [32, 128]`: the axis is called by its path. */
function readPathAxis(key: string, entry: SourceEntry, problems: MergeProblem[]): Axis | undefined {
  const path = ['sweep', key];
  const { node } = entry;
  if (node.kind !== 'list' || node.items.length === 0) {
    const message = 'expected a list of values, or a map of named points';
    problems.push({ path, place: node.place, message });
    return undefined;
  }
  const steps: { value: Scalar; override: SourceMap }[] = [];
  for (const [index, item] of node.items.entries()) {
    if (item.kind !== 'scalar' || item.value === null) {
      const message = 'expected a text, a number or true or false; other values need named points';
      problems.push({ path: [...path, index], place: item.place, message });
      continue;
    }
    if (steps.some((step) => step.value === item.value)) {
      problems.push({
        path: [...path, index],
        place: item.place,
        message: 'this value stands here twice',
      });
      continue;
    }
    const written: SourceMap = {
      kind: 'map',
      place: item.place,
      entries: new Map([[key, { key: item.place, node: item }]]),
    };
    const override = nestPoint(written, `sweep ${key}=${item.value}`, problems);
    steps.push({ value: item.value, override });
  }
  return steps.length === 0 ? undefined : { key, steps, paths: [key.split('.')], entry };
}

/** `level: { low: {…}, high: {…} }`: each point an override like a profile. */
function readLabelAxis(
  key: string,
  entry: SourceEntry,
  points: SourceMap,
  problems: MergeProblem[],
): Axis | undefined {
  const path = ['sweep', key];
  if (!AXIS_LABEL.test(key)) {
    const message =
      'expected a list of values for a path, or a label (letters, digits and _) for named points';
    problems.push({ path, place: entry.key, message });
    return undefined;
  }
  const steps: { value: Scalar; override: SourceMap }[] = [];
  for (const [name, point] of points.entries) {
    if (!POINT_NAME.test(name)) {
      const message = 'a point is named with letters, digits, _, - and .';
      problems.push({ path: [...path, name], place: point.key, message });
    } else if (point.node.kind !== 'map') {
      const message = 'expected a map of paths and values, like a profile';
      problems.push({ path: [...path, name], place: point.node.place, message });
    } else {
      steps.push({
        value: name,
        override: nestPoint(point.node, `sweep ${key}=${name}`, problems),
      });
    }
  }
  if (points.entries.size === 0) {
    problems.push({ path, place: entry.key, message: 'the axis has no points' });
  }
  const paths = steps.flatMap((step) => [...scalarPaths(step.override)]);
  return steps.length === 0 ? undefined : { key, steps, paths, entry };
}

function nestPoint(written: SourceMap, label: string, problems: MergeProblem[]): SourceMap {
  const nested = nestOverride(fromOverride(written, label), ONE_PER_RUN);
  problems.push(...nested.problems);
  return nested.override;
}

/** Of two axes that set one path, the later one would silently win. */
function reportOverlap(axes: readonly Axis[], problems: MergeProblem[]): void {
  for (const [index, axis] of axes.entries()) {
    for (const other of axes.slice(0, index)) {
      const shared = axis.paths.find((path) => other.paths.some((known) => overlap(path, known)));
      if (shared === undefined) continue;
      const message = `the axes ${other.key} and ${axis.key} both set ${shared.join('.')}`;
      problems.push({ path: ['sweep', axis.key], place: axis.entry.key, message });
    }
  }
}

function collapse(axis: Axis, set: readonly Path[], base: SourceMap): Axis[] {
  const isSet = axis.paths.some((path) => set.some((known) => overlap(path, known)));
  if (!isSet) return [axis];
  const node = axis.entry.node.kind === 'list' ? nodeAt(base, axis.key.split('.')) : undefined;
  if (node?.kind !== 'scalar' || node.value === null) return [];
  return [{ ...axis, steps: [{ value: node.value }] }];
}

function overlap(one: Path, other: Path): boolean {
  const shorter = Math.min(one.length, other.length);
  return one.slice(0, shorter).every((key, index) => key === other[index]);
}

function* scalarPaths(node: SourceNode, path: Path = []): Generator<Path> {
  if (node.kind !== 'map') yield path;
  else for (const [key, entry] of node.entries) yield* scalarPaths(entry.node, [...path, key]);
}

function multiply(axes: readonly Axis[]): SweepPoint[] {
  let points: SweepPoint[] = [{ axes: {}, overrides: [] }];
  for (const axis of axes) {
    points = points.flatMap((point) =>
      axis.steps.map(({ value, override }) => ({
        axes: { ...point.axes, [axis.key]: value },
        overrides: override === undefined ? point.overrides : [...point.overrides, override],
      })),
    );
  }
  return points;
}
