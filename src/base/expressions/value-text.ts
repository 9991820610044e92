/**
 * A value inside a longer text: text as it is, numbers and booleans as JSON writes them, lists
 * and maps as JSON. Throws for what has no one textual form: null, bytes, NaN.
 */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) throw new Error(`the value is ${value}`);
  return value instanceof Date ? value.toISOString() : jsonText(value);
}

/**
 * A value as JSON. As `JSON.stringify`, but it refuses what that one would change without a word
 * (NaN to null, bytes to a map of numbers), writes bigint as a number and typed arrays as lists.
 */
export function jsonText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return finiteText(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') throw new Error(`the value is ${typeof value}`);
  return value === null ? 'null' : objectText(value);
}

function finiteText(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`the value is ${value}`);
  return String(value);
}

function objectText(value: object): string {
  if (Array.isArray(value)) return listText(value);
  if (value instanceof Uint8Array) {
    throw new Error('the value is bytes: say .string(), .base64() or .hex()');
  }
  if (ArrayBuffer.isView(value)) return listText(value as unknown as ArrayLike<unknown>);
  if ('toJSON' in value && typeof value.toJSON === 'function') return JSON.stringify(value);
  return mapText(value as Record<string, unknown>);
}

function listText(list: ArrayLike<unknown>): string {
  let text = '[';
  for (let i = 0; i < list.length; i++) {
    if (i > 0) text += ',';
    text += jsonText(list[i]);
  }
  return `${text}]`;
}

function mapText(map: Readonly<Record<string, unknown>>): string {
  let text = '{';
  for (const key of Object.keys(map)) {
    const value = map[key];
    if (value === undefined) continue;
    if (text.length > 1) text += ',';
    text += `${JSON.stringify(key)}:${jsonText(value)}`;
  }
  return `${text}}`;
}
