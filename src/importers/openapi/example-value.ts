import type { References } from './references.ts';
import { listOf, mapOf, textOf, type Json, type JsonMap } from './read-document.ts';

/** How deep a value is made up; members that may be left out end earlier. */
const MAX_DEPTH = 12;
const OPTIONAL_DEPTH = 4;
const MAX_ITEMS = 20;
/** In one body: after them members that may be left out are. */
const MAX_VALUES = 500;

/** A value that fits a schema: its own example where it has one, else one made up from its type. */
export function exampleValue(schema: unknown, references: References): Json {
  return new Maker(references).value(schema, 0);
}

class Maker {
  readonly #references: References;
  /** Schemas that are being made, so that one which holds itself ends. */
  readonly #open: JsonMap[] = [];
  #made = 0;

  constructor(references: References) {
    this.#references = references;
  }

  value(given: unknown, depth: number): Json {
    this.#made++;
    const schema = this.#merged(this.#references.follow(given));
    const own = ownExample(schema);
    if (own !== undefined) return own;
    if (depth > MAX_DEPTH || this.#made > 2 * MAX_VALUES) return null;
    const [choice] = [...listOf(schema['oneOf']), ...listOf(schema['anyOf'])].filter((one) => {
      return mapOf(one)['type'] !== 'null';
    });
    if (choice !== undefined) {
      const { oneOf: _oneOf, anyOf: _anyOf, ...rest } = schema;
      return this.value({ ...rest, ...this.#merged(this.#references.follow(choice)) }, depth + 1);
    }
    return this.#ofType(schema, depth);
  }

  #ofType(schema: JsonMap, depth: number): Json {
    switch (typeOf(schema)) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return this.#array(schema, depth);
      case 'integer':
      case 'number':
        return numberIn(schema);
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return textFor(schema);
    }
  }

  #object(schema: JsonMap, depth: number): Json {
    const required = new Set(listOf(schema['required']));
    const members = Object.entries(mapOf(schema['properties'])).flatMap(([name, member]) => {
      const itsSchema = this.#references.follow(member);
      const mayGo = !required.has(name) && (depth >= OPTIONAL_DEPTH || this.#made > MAX_VALUES);
      if (itsSchema['readOnly'] === true || mayGo) return [];
      if (this.#holdsItself(member ?? {})) return required.has(name) ? [[name, null] as const] : [];
      return [[name, this.#inside(member ?? {}, depth)] as const];
    });
    return Object.fromEntries(members);
  }

  #array(schema: JsonMap, depth: number): Json {
    const items = schema['items'] ?? listOf(schema['prefixItems'])[0];
    const least = Number(schema['minItems'] ?? 1);
    if (items === undefined || schema['maxItems'] === 0 || this.#holdsItself(items)) return [];
    const count = Math.min(MAX_ITEMS, Math.max(1, least));
    return Array.from({ length: count }, () => this.#inside(items, depth));
  }

  #inside(schema: Json, depth: number): Json {
    const key = mapOf(schema);
    this.#open.push(key);
    const value = this.value(schema, depth + 1);
    this.#open.pop();
    return value;
  }

  /** By the reference: a schema is entered once on the way down. */
  #holdsItself(schema: Json): boolean {
    const reference = mapOf(schema)['$ref'];
    return reference !== undefined && this.#open.some((open) => open['$ref'] === reference);
  }

  /** `allOf` as one schema: members and what is required of all of them. */
  #merged(schema: JsonMap): JsonMap {
    const all = listOf(schema['allOf']);
    if (all.length === 0) return schema;
    const { allOf: _, ...rest } = schema;
    const parts = [...all.map((part) => this.#references.follow(part)), rest];
    return {
      ...Object.assign({}, ...parts.map((part) => this.#shallow(part))),
      properties: Object.assign({}, ...parts.map((part) => this.#shallow(part)['properties'])),
      required: parts.flatMap((part) => listOf(this.#shallow(part)['required'])),
    } as JsonMap;
  }

  /** One level of `allOf` inside `allOf`; deeper ones are rare and stay as they are. */
  #shallow(part: JsonMap): JsonMap {
    const inner = listOf(part['allOf']).map((one) => this.#references.follow(one));
    if (inner.length === 0) return part;
    return {
      ...part,
      properties: Object.assign({}, ...[...inner, part].map((one) => one['properties'])) as JsonMap,
      required: [...inner, part].flatMap((one) => listOf(one['required'])),
    };
  }
}

function ownExample(schema: JsonMap): Json | undefined {
  const { example, examples, default: fallback, enum: choices } = schema;
  if (example !== undefined) return example;
  const [first] = listOf(examples);
  if (first !== undefined) return first;
  if (schema['const'] !== undefined) return schema['const'];
  if (fallback !== undefined && fallback !== null) return fallback;
  return listOf(choices)[0];
}

function typeOf({ type, properties, items, additionalProperties }: JsonMap): string {
  const named = Array.isArray(type) ? type.find((one) => one !== 'null') : type;
  if (named !== undefined) return textOf(named);
  if (properties !== undefined || additionalProperties !== undefined) return 'object';
  return items === undefined ? 'string' : 'array';
}

function numberIn(schema: JsonMap): number {
  const { minimum, maximum, exclusiveMinimum, multipleOf } = schema;
  // 3.0 has a flag beside `minimum`, 3.1 a number of its own.
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum : undefined;
  const least = above ?? (typeof minimum === 'number' ? minimum : undefined);
  const isOpen = above !== undefined || exclusiveMinimum === true;
  const step = typeof multipleOf === 'number' && multipleOf > 0 ? multipleOf : 1;
  const start = least === undefined ? step : Math.ceil(least / step) * step;
  const value = isOpen && start === least ? start + step : start;
  if (typeof maximum !== 'number' || value <= maximum) return value;
  return least === undefined ? Math.floor(maximum / step) * step : (least + maximum) / 2;
}

/** https://spec.openapis.org/registry/format/ */
const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  duration: 'PT1M',
  uuid: '3fa85f64-5717-4562-b3fc-2c963f66afa6',
  email: 'user@example.com',
  'idn-email': 'user@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  'uri-reference': '/example',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  byte: 'dGV4dA==',
  'json-pointer': '/example',
};

function textFor({ format, minLength, maxLength }: JsonMap): string {
  const text = FORMATS[textOf(format)] ?? 'text';
  const least = typeof minLength === 'number' ? Math.min(minLength, 10_000) : 0;
  const most = typeof maxLength === 'number' ? maxLength : Number.POSITIVE_INFINITY;
  return text.padEnd(least, 'x').slice(0, most);
}
