import { LineCounter, parseDocument } from 'yaml';
import { ImportRefused } from '../import-refused.ts';

export type Json = null | boolean | number | string | Json[] | JsonMap;
export interface JsonMap {
  readonly [key: string]: Json | undefined;
}

/** An OpenAPI document 3.0 or 3.1, of JSON or YAML. */
export function readDocument(text: string): JsonMap {
  const document = parsed(text);
  if (!isMap(document)) throw new ImportRefused('it is not an OpenAPI document: it is no map');
  const { openapi, swagger } = document;
  if (swagger !== undefined) {
    throw new ImportRefused(`it is Swagger ${versionText(swagger)}; convert it to OpenAPI 3 first`);
  }
  if (openapi === undefined) {
    throw new ImportRefused('it is not an OpenAPI document: it has no key openapi');
  }
  if (!/^3\.[01]\b/.test(versionText(openapi))) {
    throw new ImportRefused(`it is OpenAPI ${versionText(openapi)}; 3.0 and 3.1 are read`);
  }
  return document;
}

function parsed(text: string): unknown {
  if (/^\s*\{/.test(text)) {
    try {
      return JSON.parse(text);
    } catch (error) {
      // A YAML document may begin with a brace too; its parser says where it is wrong.
      if (text.length > 2 ** 20) throw broken((error as Error).message);
    }
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lineCounter.linePos(error.pos[0]);
    throw broken(`line ${line}: ${error.message}`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw broken((thrown as Error).message);
  }
}

function broken(reason: string): ImportRefused {
  return new ImportRefused(`it is neither JSON nor YAML: ${reason}`);
}

function versionText(value: Json): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'of no version';
}

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function mapOf(value: unknown): JsonMap {
  return isMap(value) ? value : {};
}

export function listOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** A text or a number as text; empty for all else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
