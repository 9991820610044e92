import { parseYaml } from '../source/parse-yaml.ts';
import {
  mapPlaces,
  NOWHERE,
  type Place,
  type SourceEntry,
  type SourceMap,
  type SourceNode,
} from '../source/source-node.ts';
import { isSensitive } from '../redaction.ts';
import type { MergeProblem } from './merge.ts';
import { nestOverride } from './nest-override.ts';

/** All `--set PATH=VALUE`, `--target NAME=URL` and `--seed N` of a command line, as one override. */
export function commandLineOverride(options: {
  readonly set: readonly string[];
  readonly targets: readonly string[];
  readonly seed?: number | undefined;
}): { override: SourceMap; problems: MergeProblem[] } {
  const problems: MergeProblem[] = [];
  const entries = new Map<string, SourceEntry>();
  for (const text of options.set) addSetting(text, entries, problems);
  for (const text of options.targets) addTarget(text, entries, problems);
  if (options.seed !== undefined) {
    const place = nowhere(`--seed ${options.seed}`);
    const node: SourceNode = { kind: 'scalar', value: options.seed, place, quoted: false };
    entries.set('seed', { key: place, node });
  }
  const written: SourceMap = { kind: 'map', entries, place: nowhere('the command line') };
  const nested = nestOverride(written);
  return { override: nested.override, problems: [...problems, ...nested.problems] };
}

/** The last of two settings of one path counts, as on any command line. */
function addSetting(text: string, entries: Map<string, SourceEntry>, problems: MergeProblem[]) {
  const equals = text.indexOf('=');
  const path = text.slice(0, equals).trim();
  const place = nowhere(`--set ${shown(path, text)}`);
  if (equals < 1) {
    problems.push({ path: [], place, message: 'expected --set PATH=VALUE, such as load.vus=4' });
    return;
  }
  const node = parseValue(text.slice(equals + 1), place);
  if (typeof node === 'string') problems.push({ path: path.split('.'), place, message: node });
  else entries.set(path, { key: place, node });
}

function addTarget(text: string, entries: Map<string, SourceEntry>, problems: MergeProblem[]) {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals).trim();
  const place = nowhere(`--target ${equals < 1 ? text : name}`);
  if (equals < 1 || name.includes('.')) {
    const message = 'expected --target NAME=URL, such as embeddings=http://127.0.0.1:8000';
    problems.push({ path: [], place, message });
    return;
  }
  const node: SourceNode = { kind: 'scalar', value: text.slice(equals + 1), place, quoted: true };
  entries.set(`targets.${name}.url`, { key: place, node });
}

/** The value as YAML writes it, with `{{ … }}` taken as the text that it is meant to be. */
function parseValue(text: string, place: Place): SourceNode | string {
  const plain = (value: string): SourceNode => ({ kind: 'scalar', value, place, quoted: true });
  if (text.trim() === '' || text.trimStart().startsWith('{{')) return plain(text.trim());
  const { root, problems } = parseYaml(text);
  if (problems.length > 0) return `the value is ${problems[0]!.message}`;
  return root === undefined ? plain(text) : mapPlaces(root, () => place);
}

/** The setting as it was typed, but for values that may be secret. */
function shown(path: string, text: string): string {
  return isSensitive(path.split('.')) ? `${path}=***` : text;
}

function nowhere(override: string): Place {
  return { line: NOWHERE, column: NOWHERE, override };
}
