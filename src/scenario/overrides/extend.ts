import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { LoadgenError } from '../../base/errors/loadgen-error.ts';
import { parseYaml } from '../source/parse-yaml.ts';
import { readScenarioFile } from '../source/read-scenario-file.ts';
import {
  mapPlaces,
  mapScalars,
  type Path,
  type Place,
  type SourceMap,
  type SourceNode,
} from '../source/source-node.ts';
import { mergeOverride } from './merge.ts';
import { nestOverride } from './nest-override.ts';

/** Files that one scenario may be laid over, one below the other. */
export const MAX_BASES = 8;

/** Something wrong with the files themselves, before there is a scenario. */
export interface ExtendProblem {
  readonly path: Path;
  readonly place: Place;
  readonly message: string;
  readonly hint?: string;
}

/** Keys that are of a file and not of what it lays over another. */
const OWN_KEYS = ['extends', 'version', 'profiles'];
/** Keys of feeders that name files: those of a base are relative to the base. */
const FILE_KEYS = ['file', 'files', 'tokenizer'];

/**
 * Reads the text of a scenario file, and where it `extends` another lays it over that one, and so
 * on. Undefined where that is not possible.
 */
export function readExtended(
  file: string,
  text: string,
): { readonly root: SourceMap | undefined; readonly problems: readonly ExtendProblem[] } {
  const reader = new BaseReader();
  const root = reader.parse(text, { file: undefined });
  if (root === undefined) return { root, problems: reader.problems };
  const extended = reader.extend(root, [realPath(file)]);
  return { root: extended, problems: reader.problems };
}

class BaseReader {
  readonly problems: ExtendProblem[] = [];

  parse(text: string, { file }: { readonly file: string | undefined }): SourceMap | undefined {
    const { root, problems } = parseYaml(text);
    const at = (place: Place): Place => (file === undefined ? place : { ...place, file });
    for (const problem of problems) {
      this.problems.push({ path: [], place: at(problem), message: problem.message });
    }
    if (problems.length > 0) return undefined;
    if (root?.kind === 'map') return mapPlaces(root, at);
    const message = root === undefined ? 'the file is empty' : 'a scenario is a map of keys';
    const hint = 'docs/scenario.md shows a whole one.';
    this.problems.push({
      path: [],
      place: at(root?.place ?? { line: 1, column: 1 }),
      message,
      hint,
    });
    return undefined;
  }

  /** `files` are those read so far, the last one that of `root`. */
  extend(root: SourceMap, files: readonly string[]): SourceMap | undefined {
    const entry = root.entries.get('extends');
    if (entry === undefined) return root;
    const { node, key } = entry;
    if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.value === '') {
      this.#add(node.place, 'expected the path of a scenario file');
      return undefined;
    }
    const file = realPath(resolve(dirname(files.at(-1)!), node.value));
    const refusal = refusalOf(file, files);
    if (refusal !== undefined) {
      this.#add(key, refusal);
      return undefined;
    }
    const text = this.#read(file, node.place);
    const own = text === undefined ? undefined : this.parse(text, { file });
    const base = own && this.extend(own, [...files, file]);
    return base && this.#laidOver(rebased(base, files.at(-1)!, file), root);
  }

  #read(file: string, place: Place): string | undefined {
    try {
      return readScenarioFile(file);
    } catch (thrown) {
      if (!(thrown instanceof LoadgenError)) throw thrown;
      this.#add(place, thrown.message);
      return undefined;
    }
  }

  #laidOver(base: SourceMap, root: SourceMap): SourceMap {
    const entries = new Map([...root.entries].filter(([key]) => !OWN_KEYS.includes(key)));
    const { override, problems } = nestOverride({ ...root, entries });
    const { merged, problems: misplaced } = mergeOverride(base, override);
    this.problems.push(...problems, ...misplaced);
    const whole = new Map(merged.entries);
    const version = root.entries.get('version');
    if (version === undefined) whole.delete('version');
    else whole.set('version', version);
    const profiles = bothProfiles(base, root);
    if (profiles !== undefined) whole.set('profiles', profiles);
    return { ...root, entries: whole };
  }

  #add(place: Place, message: string): void {
    this.problems.push({ path: ['extends'], place, message });
  }
}

function refusalOf(file: string, files: readonly string[]): string | undefined {
  const shown = (path: string): string => relative(dirname(files[0]!), path);
  if (files.includes(file)) {
    return `scenarios extend each other in a circle: ${[...files, file].map(shown).join(' → ')}`;
  }
  if (files.length > MAX_BASES) return `a scenario extends at most ${MAX_BASES} others`;
  return undefined;
}

/** Own profiles beside those of the base; one of the same name replaces it. */
function bothProfiles(base: SourceMap, root: SourceMap) {
  const [below, above] = [base.entries.get('profiles'), root.entries.get('profiles')];
  if (below?.node.kind !== 'map' || above?.node.kind !== 'map') return above ?? below;
  const entries = new Map([...below.node.entries, ...above.node.entries]);
  return { ...above, node: { ...above.node, entries } };
}

/** The base with its data files relative to the folder of the file that extends it. */
function rebased(base: SourceMap, from: string, to: string): SourceMap {
  const folder = relative(dirname(from), dirname(to));
  if (folder === '') return base;
  const changed: SourceNode = mapScalars(base, (scalar, path) => {
    const isFile = path[0] === 'data' && path.length === 3 && FILE_KEYS.includes(String(path[2]));
    const { value } = scalar;
    if (!isFile || typeof value !== 'string' || isAbsolute(value) || value.startsWith('${')) {
      return scalar;
    }
    return { ...scalar, value: join(folder, value) };
  });
  return changed as SourceMap;
}

/** So that a link to a file is that file; one that is not there is found when it is read. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return resolve(file);
  }
}
