import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Scope } from '../../base/expressions/template.ts';
import { fingerprint } from '../dataset-cache.ts';
import { type FeederSpec, isGenerated } from '../feeder-schema.ts';

/**
 * What the rows of a feeder follow from, as far as their neighbours go: contents of files and not
 * their names, and the seed only where rows are made of it.
 */
export function contentOf(
  name: string,
  setting: {
    readonly baseFolder: string;
    readonly seed: number;
    readonly params: Scope;
    readonly data: Readonly<Record<string, FeederSpec>>;
  },
): unknown {
  const { source, skip, rows } = setting.data[name]!;
  const slice = { skip, rows };
  if ('file' in source) {
    const { file, ...how } = source;
    return { ...slice, ...how, content: contentOfPath(resolve(setting.baseFolder, file)) };
  }
  if (!isGenerated(source)) return { ...slice, source };
  // Its rows may follow from those of others, too.
  const { seed, data } = setting;
  const params = paramsRead(JSON.stringify(data), setting.params);
  return { ...slice, name, seed, params, data };
}

/** Params that a text of expressions reads: others are constants in it already. */
export function paramsRead(text: string, params: Scope): Scope | undefined {
  return /\bparams\b/.test(text) ? params : undefined;
}

function contentOfPath(path: string): unknown {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return fingerprint(path);
  const files = readdirSync(path).toSorted((one, other) => (one < other ? -1 : 1));
  return files
    .map((file) => join(path, file))
    .filter((file) => statSync(file).isFile())
    .map(fingerprint);
}
