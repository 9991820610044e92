import { utf8Bytes } from './byte-text.ts';

/**
 * A parameter in PostgreSQL's text form, as bytes; null is NULL. Numbers, booleans and texts are
 * what they look like, bytes become `bytea`, lists an array literal, typed arrays of numbers a list
 * in brackets, as `vector` is written, dates ISO 8601, and maps JSON. Throws for what is missing.
 */
export function parameterBytes(value: unknown): string | null {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return textBytes(value);
  return value === null ? null : otherBytes(value);
}

function otherBytes(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) throw new Error(`the value is ${typeof value}`);
  return textBytes(objectText(value));
}

function objectText(value: object): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return hexText(value);
  if (Array.isArray(value)) return arrayText(value);
  if (ArrayBuffer.isView(value)) return `[${(value as unknown as Float32Array).join(',')}]`;
  return JSON.stringify(value);
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function textBytes(text: string): string {
  if (text.includes('\0')) throw new Error('a text of PostgreSQL holds no character 0');
  return utf8Bytes(text);
}

function hexText(bytes: Uint8Array): string {
  return (
    String.raw`\x` + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
  );
}

/** `{1,NULL,"a b"}`: PostgreSQL documentation, "Array Input and Output Syntax". */
function arrayText(list: readonly unknown[]): string {
  return `{${list.map((item) => elementText(item)).join(',')}}`;
}

function elementText(item: unknown): string {
  if (item === null) return 'NULL';
  if (Array.isArray(item)) return arrayText(item);
  if (typeof item === 'number') return numberText(item);
  if (typeof item === 'boolean' || typeof item === 'bigint') return String(item);
  if (typeof item !== 'string' && typeof item !== 'object') {
    throw new Error(`an element is ${typeof item}`);
  }
  const text = typeof item === 'string' ? item : objectText(item);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
