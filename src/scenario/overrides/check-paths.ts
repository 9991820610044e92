import type { $ZodType } from 'zod/v4/core';
import { nearestHint } from '../nearest.ts';
import { isLaterKey, LATER_MESSAGE } from '../schema/later-words.ts';
import { alternatives, shapeOf, unwrap } from '../schema/schema-walk.ts';
import type { Path, SourceMap } from '../source/source-node.ts';
import type { MergeProblem } from './merge.ts';

/**
 * The paths of an override that the language does not have. For overrides that are not applied
 * now: of those that are, the trials themselves are checked.
 */
export function checkPaths(override: SourceMap, schema: $ZodType): MergeProblem[] {
  return [...strangers(override, [schema], [])];
}

function* strangers(
  map: SourceMap,
  schemas: readonly $ZodType[],
  path: Path,
): Generator<MergeProblem> {
  const options = schemas.flatMap(alternatives);
  for (const [key, entry] of map.entries) {
    const below = options.flatMap((option) => childrenOf(option, key));
    const at = [...path, key];
    if (below.length === 0) yield strangeKey(key, options, { path: at, place: entry.key });
    else if (entry.node.kind === 'map') yield* strangers(entry.node, below, at);
  }
}

/** A key of a map, a name in a record, or the name of a list item. */
function childrenOf(schema: $ZodType, key: string): $ZodType[] {
  const { def } = unwrap(schema)._zod;
  if (def.type === 'object') return Object.hasOwn(def.shape, key) ? [def.shape[key]!] : [];
  if (def.type === 'record') return [def.valueType];
  if (def.type === 'array') return [def.element];
  return def.type === 'unknown' || def.type === 'any' ? [schema] : [];
}

function strangeKey(
  key: string,
  options: readonly $ZodType[],
  at: Pick<MergeProblem, 'path' | 'place'>,
): MergeProblem {
  if (isLaterKey(at.path.slice(0, -1).join('.'), key)) return { ...at, message: LATER_MESSAGE };
  const known = [...new Set(options.flatMap((option) => Object.keys(shapeOf(option) ?? {})))];
  const message = known.length === 0 ? 'nothing can be set below this' : 'there is no such path';
  const hint = nearestHint(key, known);
  return { ...at, message, ...(hint !== undefined && { hint }) };
}
