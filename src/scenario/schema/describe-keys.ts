import { globalRegistry, type $ZodType } from 'zod/v4/core';
import { DURATION_PATTERN, RATE_PATTERN } from '../../base/time/duration.ts';
import { shapeOf, unwrap } from './schema-walk.ts';

/** One key of a map, as the reference page and `loadgen drivers` show it. */
export interface KeyDescription {
  readonly key: string;
  readonly type: string;
  readonly required: boolean;
  /** As it would be written; undefined where there is none. */
  readonly defaultText: string | undefined;
  readonly description: string;
}

/** The keys of an object schema in their order; empty for any other schema. */
export function describeKeys(schema: $ZodType): KeyDescription[] {
  return Object.entries(shapeOf(schema) ?? {})
    .filter(([, member]) => unwrap(member)._zod.def.type !== 'never')
    .map(([key, member]) => ({
      key,
      type: typeText(member),
      ...presence(member),
      description: descriptionOf(member),
    }));
}

/** What a value of this schema is, in a few words. */
export function typeText(schema: $ZodType): string {
  const own = globalRegistry.get(schema as never)?.['inWords'];
  if (typeof own === 'string') return own;
  if (isJson(schema)) return 'any value';
  const bare = unwrap(schema);
  const { def } = bare._zod;
  if (def.type === 'string') return textKind(bare);
  if (def.type === 'number') return isWhole(def) ? 'whole number' : 'number';
  if (def.type === 'boolean') return 'true or false';
  if (def.type === 'literal') return def.values.map((value) => JSON.stringify(value)).join(' or ');
  if (def.type === 'enum') return Object.values(def.entries).join(', ');
  if (def.type === 'array') return `list of ${typeText(def.element)}`;
  if (def.type === 'record') return `map of ${typeText(def.valueType)}`;
  if (def.type === 'object') return 'map';
  if (def.type === 'union') return unionText(def.options);
  return 'any value';
}

/** The description of a schema or of what it wraps. */
export function descriptionOf(schema: $ZodType): string {
  const own = globalRegistry.get(schema as never)?.description;
  if (typeof own === 'string') return own;
  const { def } = (schema as ReturnType<typeof unwrap>)._zod;
  if ('innerType' in def) return descriptionOf(def.innerType);
  return def.type === 'pipe' ? descriptionOf(def.in) : '';
}

function presence(schema: $ZodType): { required: boolean; defaultText: string | undefined } {
  const { def } = (schema as ReturnType<typeof unwrap>)._zod;
  if (def.type === 'default' || def.type === 'prefault') {
    return { required: false, defaultText: JSON.stringify(def.defaultValue) };
  }
  if (def.type === 'optional') return { ...presence(def.innerType), required: false };
  if ('innerType' in def) return presence(def.innerType);
  if (def.type === 'pipe') return presence(def.in);
  return { required: true, defaultText: undefined };
}

function textKind(schema: $ZodType): string {
  const checks = (schema as ReturnType<typeof unwrap>)._zod.def.checks ?? [];
  const patterns = checks.map((check) => (check._zod.def as { pattern?: RegExp }).pattern?.source);
  if (patterns.includes(new RegExp(DURATION_PATTERN).source)) return 'duration';
  if (patterns.includes(new RegExp(RATE_PATTERN).source)) return 'rate';
  return 'text';
}

function isWhole(def: object): boolean {
  return 'format' in def && typeof def.format === 'string' && def.format.includes('int');
}

/** `z.json()` is a union that holds itself. */
function isJson(schema: $ZodType): boolean {
  const { def } = (schema as ReturnType<typeof unwrap>)._zod;
  return 'innerType' in def ? isJson(def.innerType) : def.type === 'lazy';
}

function unionText(options: readonly $ZodType[]): string {
  const kinds = new Set(options.map(typeText));
  const isScalar = kinds.size === 3 && kinds.has('text') && kinds.has('number');
  return isScalar ? 'text, number or true or false' : [...kinds].join(' or ');
}
