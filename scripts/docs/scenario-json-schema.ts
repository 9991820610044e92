import { z } from 'zod';
import type { DriverDefinition } from '../../src/drivers/driver.ts';
import { composedSchema } from '../../src/scenario/schema/composed-schema.ts';

type JsonSchema = { [key: string]: unknown };

const TEMPLATE = { $ref: '#/$defs/template' };

/** What may stand where a number, a duration or a word of a list is expected. */
const TEMPLATE_SCHEMA: JsonSchema = {
  description: 'A text that params or the environment fill in: {{ params.x }}, ${NAME:-default}.',
  type: 'string',
  pattern: String.raw`\{\{.*\}\}|\$\{.*\}`,
};

/** `docs/scenario.schema.json`: for editors, which complete and check while one types. */
export function scenarioJsonSchema(parts: {
  readonly drivers: readonly DriverDefinition[];
  readonly reportFormats: readonly string[];
}): JsonSchema {
  const plain = z.toJSONSchema(composedSchema(parts), { io: 'input', unrepresentable: 'any' });
  const { $schema, $defs, ...root } = plain as JsonSchema;
  const definitions = Object.entries(($defs ?? {}) as JsonSchema);
  return {
    $schema,
    title: 'loadgen scenario',
    ...(withTemplates(root) as JsonSchema),
    $defs: { ...mapped(Object.fromEntries(definitions)), template: TEMPLATE_SCHEMA },
  };
}

/** The same schema, with templates allowed for every value that is not any text already. */
function withTemplates(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withTemplates);
  if (typeof schema !== 'object' || schema === null) return schema;
  const node = schema as JsonSchema;
  const changed: JsonSchema = {};
  for (const [key, value] of Object.entries(node)) {
    if (key === 'maximum' && value === Number.MAX_SAFE_INTEGER) continue;
    if (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) continue;
    // Of our own or of zod's own making; JSON Schema knows neither.
    if (key === 'inWords' || (key === 'format' && value === 'starts_with')) continue;
    if (key === 'properties') changed[key] = mapped(value as JsonSchema);
    else changed[key] = VERBATIM.has(key) ? value : withTemplates(value);
  }
  return takesTemplate(node) ? orTemplate(changed) : changed;
}

/** Keys of `properties` are the user's words, whatever they mean in JSON Schema. */
function mapped(properties: JsonSchema): JsonSchema {
  const entries = Object.entries(properties);
  return Object.fromEntries(entries.map(([name, schema]) => [name, withTemplates(schema)]));
}

/** Not schemas, or schemas of keys, which templates cannot be. */
const VERBATIM = new Set(['propertyNames', 'default', 'examples', 'enum', 'const', 'required']);

function takesTemplate(node: JsonSchema): boolean {
  if ('const' in node) return false;
  if (['integer', 'number', 'boolean'].includes(node['type'] as string)) return true;
  return node['type'] === 'string' && ('pattern' in node || 'enum' in node);
}

function orTemplate({ description, default: fallback, ...rest }: JsonSchema): JsonSchema {
  return {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [rest, TEMPLATE],
  };
}
