import type { $ZodType, $ZodTypes } from 'zod/v4/core';
import type { Path } from '../source/source-node.ts';

/** A zod schema of any kind, narrowed by its `def.type`. */
type AnySchema = $ZodTypes;

/** The schema under wrappers that leave the shape of the input as it is. */
export function unwrap(schema: $ZodType): AnySchema {
  const { def } = (schema as AnySchema)._zod;
  if ('innerType' in def) return unwrap(def.innerType);
  if (def.type === 'pipe') return unwrap(def.in);
  if (def.type === 'lazy') return unwrap(def.getter());
  return schema as AnySchema;
}

/** The alternatives of a schema: the options of a union, however nested; else itself alone. */
export function alternatives(schema: $ZodType): AnySchema[] {
  const bare = unwrap(schema);
  const { def } = bare._zod;
  if (def.type === 'union') return def.options.flatMap(alternatives);
  return [bare];
}

/** The keys of an object schema with their schemas; undefined for anything else. */
export function shapeOf(schema: $ZodType): Readonly<Record<string, $ZodType>> | undefined {
  const { def } = unwrap(schema)._zod;
  return def.type === 'object' ? def.shape : undefined;
}

/** The schemas that may apply to `value` at the end of `path` from a value of `schema`. */
export function schemasAt(schema: $ZodType, path: Path, value: unknown): AnySchema[] {
  let schemas = fitting(alternatives(schema), value);
  let inner = value;
  for (const key of path) {
    inner = childValue(inner, key);
    const below = schemas.flatMap((candidate) => childSchemas(candidate, key));
    schemas = fitting(below.flatMap(alternatives), inner);
  }
  return schemas;
}

/** All keys that an object at `path` may have, in the order of the schema. */
export function knownKeys(schema: $ZodType, path: Path, value: unknown): string[] {
  const shapes = schemasAt(schema, path, value).map((candidate) => shapeOf(candidate) ?? {});
  return [...new Set(shapes.flatMap((shape) => Object.keys(shape)))];
}

function childSchemas(schema: AnySchema, key: string | number): $ZodType[] {
  const { def } = schema._zod;
  if (def.type === 'record') return [def.valueType];
  if (def.type === 'array') return [def.element];
  if (def.type === 'tuple')
    return [def.items[Number(key)] ?? def.rest].filter((item) => item !== null);
  const child = def.type === 'object' && Object.hasOwn(def.shape, key) && def.shape[key];
  return child ? [child] : [];
}

/** The alternatives whose literal keys (`executor: constant-vus`) are those of the value. */
function fitting(schemas: AnySchema[], value: unknown): AnySchema[] {
  const fit = schemas.filter((schema) => literalsFit(schema, value));
  return fit.length === 0 ? schemas : fit;
}

function literalsFit(schema: AnySchema, value: unknown): boolean {
  const shape = shapeOf(schema);
  if (shape === undefined) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(shape).every(([key, member]) => {
    const { def } = unwrap(member)._zod;
    if (def.type !== 'literal') return true;
    const found = (value as Record<string, unknown>)[key];
    return found === undefined || def.values.includes(found as never);
  });
}

function childValue(value: unknown, key: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
}
