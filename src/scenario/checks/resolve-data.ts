import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { openFeeder, type Feeder } from '../../data/feeder.ts';
import {
  dataFields,
  feederSchema,
  type FeederSource,
  type FeederSpec,
  opensAtOnce,
} from '../../data/feeder-schema.ts';
import { referencesOf } from '../../data/generators/generator-schema.ts';
import { nameSchema } from '../schema/names.ts';
import { type Path, textAt } from '../source/source-node.ts';
import type { TrialTree } from '../trial-tree.ts';
import { inspectFile } from './inspect-file.ts';

/** Roots of expressions that a feeder would hide. */
const ROOTS = ['params', 'steps', 'vu', 'iteration'];

/** Feeders of a trial, and what their rows have; also of those that are not right, to go on. */
export interface TrialData {
  readonly specs: Readonly<Record<string, FeederSpec>>;
  /** `any` for a feeder that could not be read. */
  readonly fields: Readonly<Record<string, readonly string[] | 'any'>>;
  /** Iterations after which the rows end, for each feeder that is read once. */
  readonly iterations: Readonly<Record<string, number>>;
}

/** What opening a source came to, over all trials of a scenario: most share their data. */
export type OpenedSources = Map<string, OpenedSource>;

type OpenedSource = LoadgenError | Pick<Feeder, 'fields' | 'iterations'>;

/** `data`: each feeder parsed, and its source looked at: it must be there and have rows. */
export async function resolveData(
  tree: TrialTree,
  context: {
    readonly seed: number;
    readonly baseFolder: string;
    readonly opened: OpenedSources;
    /** Result fields of the drivers in use, which a feeder of that name would hide. */
    readonly resultFields: ReadonlySet<string>;
  },
): Promise<TrialData> {
  const specs: Record<string, FeederSpec> = {};
  const fields: Record<string, readonly string[] | 'any'> = {};
  const iterations: Record<string, number> = {};
  if (tree.has(['data']) && !tree.isMap(['data'])) {
    tree.add({ path: ['data'], message: 'expected a map of feeders' });
  }
  for (const name of tree.keys(['data'])) {
    const path = ['data', name];
    checkFeederName(tree, path, context.resultFields);
    const spec = tree.parse(feederSchema, path);
    fields[name] = spec === undefined ? 'any' : dataFields(spec);
    if (spec === undefined) checkThere(tree, [...path, 'file'], context);
    else specs[name] = spec;
  }
  const params = (tree.value(['params']) ?? {}) as SourceContext['params'];
  for (const [name, spec] of Object.entries(specs)) {
    const opened = await checkSource(tree, ['data', name], spec, { ...context, params, specs });
    if (opened === undefined) continue;
    fields[name] = opened.fields;
    if (Number.isFinite(opened.iterations)) iterations[name] = opened.iterations;
  }
  return { specs, fields, iterations };
}

function checkFeederName(tree: TrialTree, path: Path, resultFields: ReadonlySet<string>): void {
  const name = String(path[1]);
  tree.checkName(nameSchema, path);
  const at = { path, atKey: true };
  if (ROOTS.includes(name)) {
    tree.add({
      ...at,
      message: `a feeder cannot be called ${name}: expressions read something else there`,
    });
  } else if (resultFields.has(name)) {
    const message = `a feeder cannot be called ${name}: answers of a driver in use have a field ${name}`;
    tree.add({ ...at, message });
  }
}

/** The file of a feeder that is not right otherwise: whether there is one at all. */
function checkThere(tree: TrialTree, path: Path, context: { readonly baseFolder: string }): void {
  const file = textAt(tree.root, path);
  if (file === undefined || inspectFile(file, context) !== 'missing') return;
  const values = { file, feeder: String(path[1]), reason: 'there is no such file' };
  const error = new LoadgenError('DATA_NOT_READABLE', values);
  tree.add({ path, message: error.message, hint: error.hint });
}

/** Opens the source, where that takes no more than a second; undefined where it was not opened. */
async function checkSource(
  tree: TrialTree,
  path: Path,
  spec: FeederSpec,
  context: SourceContext,
): Promise<Pick<Feeder, 'fields' | 'iterations'> | undefined> {
  const { source } = spec;
  const { key, file } = placeOf(source);
  const at = [...path, key];
  const inspected = file === undefined ? 'open it' : inspectFile(file, context);
  if (typeof inspected === 'object') tree.add({ path: at, message: inspected.problem });
  if (typeof inspected === 'object') return undefined;
  // Of rows that are read once the number decides over the load.
  const isLarge = inspected === 'too big to read now' || source.kind === 'vectordbbench';
  if (isLarge && !opensAtOnce(spec) && spec.pick !== 'once') return undefined;
  // One row shows that a generator works; making all of them can take minutes.
  const one = source.kind === 'text' ? { ...spec, rows: 1, skip: 0 } : spec;
  // What it reads beside its own source: rows of other feeders, params.
  const readsOthers = referencesOf(source).length > 0;
  const beside = readsOthers || spec.where !== undefined ? [context.specs, context.params] : [];
  const known = JSON.stringify([path[1], one, ...beside]);
  const opened = context.opened.get(known) ?? (await open(String(path[1]), one, context));
  context.opened.set(known, opened);
  if (opened instanceof LoadgenError) {
    tree.add({ path: at, message: opened.message, hint: opened.hint });
    return undefined;
  }
  if (one === spec || spec.pick !== 'once') return opened;
  return { ...opened, iterations: Math.ceil(spec.rows! / spec.batch) };
}

/** The key that names a source, and the file that it stands in where there is one. */
function placeOf(source: FeederSource): { readonly key: string; readonly file?: string } {
  if ('file' in source) return { key: 'file', file: source.file };
  if (source.kind === 'files') return { key: 'files' };
  if (source.kind === 'inline') return { key: 'inline' };
  if ('tokenizer' in source) return { key: 'tokenizer', file: source.tokenizer };
  return { key: 'generate' };
}

interface SourceContext {
  readonly seed: number;
  readonly baseFolder: string;
  readonly opened: OpenedSources;
  readonly params: Readonly<Record<string, unknown>>;
  readonly specs: Readonly<Record<string, FeederSpec>>;
}

async function open(name: string, spec: FeederSpec, context: SourceContext): Promise<OpenedSource> {
  try {
    const { seed, baseFolder, params, specs: data } = context;
    const feeder = await openFeeder(name, spec, {
      seed,
      baseFolder,
      params,
      data,
      exact: 'leave-out',
    });
    const { fields, iterations } = feeder;
    return { fields, iterations };
  } catch (thrown) {
    if (thrown instanceof LoadgenError) return thrown;
    throw thrown;
  }
}
