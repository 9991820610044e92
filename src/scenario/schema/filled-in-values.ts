import type { $ZodType } from 'zod/v4/core';
import { type Path, type SourceNode, type SourceScalar, toValue } from '../source/source-node.ts';
import { schemasAt } from './schema-walk.ts';

/**
 * The plain value of a node for its schema. What the environment and params fill in is text to
 * begin with; where the schema takes a number or true or false there, and no text, it is read as
 * one. Where it takes both, quotes decide, as they do for every other value in YAML.
 */
export function typedValue(node: SourceNode, schema: $ZodType): unknown {
  const raw = toValue(node);
  return typed(node, { schema, raw, path: [] });
}

interface Visit {
  readonly schema: $ZodType;
  readonly raw: unknown;
  readonly path: Path;
}

function typed(node: SourceNode, visit: Visit): unknown {
  const below = (key: string | number): Visit => ({ ...visit, path: [...visit.path, key] });
  if (node.kind === 'list') return node.items.map((item, index) => typed(item, below(index)));
  if (node.kind === 'map') {
    const entries = [...node.entries].map(([key, entry]) => [key, typed(entry.node, below(key))]);
    return Object.fromEntries(entries);
  }
  return node.filledIn === true ? typedScalar(node, visit) : node.value;
}

function typedScalar(scalar: SourceScalar, { schema, raw, path }: Visit): unknown {
  const text = scalar.value;
  if (typeof text !== 'string') return text;
  const options = schemasAt(schema, path, raw);
  const kinds = new Set(options.map((option) => option._zod.def.type));
  const isAny = kinds.has('any') || kinds.has('unknown');
  const takesText = isAny || options.some((option) => isTextOf(option, text));
  if (takesText && scalar.quoted) return text;
  if ((isAny || kinds.has('number')) && isNumber(text)) return Number(text);
  if ((isAny || kinds.has('boolean')) && (text === 'true' || text === 'false'))
    return text === 'true';
  return text;
}

/** Any text, or this word among those that it knows. */
function isTextOf({ _zod: { def } }: ReturnType<typeof schemasAt>[number], text: string): boolean {
  if (def.type === 'literal') return def.values.includes(text);
  if (def.type === 'enum') return Object.values(def.entries).includes(text);
  return def.type === 'string';
}

function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
}
