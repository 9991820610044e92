import type { Field, Type } from 'protobufjs';
import { ExpressionError } from '../../base/expressions/expression-error.ts';
import { reasonOf } from '../../base/errors/loadgen-error.ts';
import type { Scope } from '../../base/expressions/template.ts';
import type { VerbUse } from '../driver.ts';
import { MESSAGE_HEAD_BYTES, writeMessageHead } from '../wire/grpc/message-frame.ts';
import { delimited, encodeField, encodeMessage } from './schema/field-encoding.ts';

/** A message with templates inside, compiled: what does not change is encoded already. */
export interface MessageTemplate {
  /** The whole message with its head, where nothing in it changes. */
  readonly constant: Buffer | undefined;
  /** The message of a row with its head. Throws an ExpressionError for a row that breaks it. */
  frame(scope: Scope): Buffer;
}

/** The bytes of one or more fields: a message is nothing but its fields one after another. */
type Part = Buffer | ((scope: Scope) => Uint8Array);

/** Throws an Error that says what is wrong with `value`. */
export function compileMessage(use: VerbUse, type: Type, value: unknown): MessageTemplate {
  const parts = joined(
    typeof value === 'string' ? [wholePart(use, type, value)] : partsOf(use, type, value),
  );
  const [first = Buffer.alloc(0), second] = parts;
  if (second === undefined && Buffer.isBuffer(first)) {
    const constant = framed([first]);
    return { constant, frame: () => constant };
  }
  return {
    constant: undefined,
    frame: (scope) => framed(parts.map((part) => (Buffer.isBuffer(part) ? part : part(scope)))),
  };
}

/** A message that is one `{{ }}`. */
function wholePart(use: VerbUse, type: Type, text: string): Part {
  const value = use.value(text);
  return (scope) => told(text, () => encodeMessage(type, value(scope)));
}

function partsOf(use: VerbUse, type: Type, value: unknown): Part[] {
  if (!isMap(value)) throw new Error(`a message of ${nameOf(type)} is a map of its fields`);
  return Object.entries(value).flatMap(([key, member]) => {
    const field = fieldNamed(type, key);
    const constant = use.json(member).constant;
    if (constant !== undefined) return [Buffer.from(encodeField(field, JSON.parse(constant)))];
    return changingParts(use, field, member);
  });
}

function changingParts(use: VerbUse, field: Field, value: unknown): Part[] {
  const { resolvedType } = field;
  const isMessage = resolvedType !== null && 'fields' in resolvedType && !field.map;
  if (isMessage && !isWellKnown(resolvedType)) {
    if (isMap(value)) return [messagePart(use, field, value)];
    if (Array.isArray(value) && field.repeated && value.every(isMap)) {
      return value.map((item) => messagePart(use, field, item));
    }
  }
  if (field.type === 'string' && !field.repeated && !field.map && typeof value === 'string') {
    const text = use.template(value, 'text');
    return [(scope) => delimited(field.id, Buffer.from(text.render(scope), 'utf8'))];
  }
  const resolve = resolver(use, value);
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return [(scope) => told(shown, () => encodeField(field, resolve(scope)))];
}

function messagePart(use: VerbUse, field: Field, value: unknown): Part {
  const parts = joined(partsOf(use, field.resolvedType as Type, value));
  return (scope) => {
    const bytes = parts.map((part) => (Buffer.isBuffer(part) ? part : part(scope)));
    return delimited(field.id, Buffer.concat(bytes));
  };
}

/** Any value with templates inside, with the values of a row put in. */
function resolver(use: VerbUse, value: unknown): (scope: Scope) => unknown {
  if (typeof value === 'string') return use.value(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => resolver(use, item));
    return (scope) => items.map((item) => item(scope));
  }
  if (!isMap(value)) return () => value;
  const members = Object.entries(value).map(([key, item]) => [key, resolver(use, item)] as const);
  return (scope) => Object.fromEntries(members.map(([key, item]) => [key, item(scope)]));
}

/** By its name in the proto file, or by that in JSON. */
function fieldNamed(type: Type, key: string): Field {
  const field =
    type.fields[key] ?? type.fieldsArray.find(({ name }) => camelCased(name) === key)?.resolve();
  if (field === undefined) {
    const known = type.fieldsArray.map(({ name }) => name).join(', ');
    throw new Error(`${nameOf(type)} has no field ${key}; it has ${known || 'none'}`);
  }
  return field.resolve();
}

function camelCased(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Written in JSON in a form of their own (Timestamp, Struct and so on). */
function isWellKnown({ fullName }: { readonly fullName: string }): boolean {
  return fullName.startsWith('.google.protobuf.');
}

function nameOf({ fullName }: Type): string {
  return fullName.replace(/^\./, '');
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function told(text: string, encode: () => Uint8Array): Uint8Array {
  try {
    return encode();
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw new ExpressionError(reasonOf(error), { text }, { cause: error });
  }
}

/** Neighbours that do not change are one. */
function joined(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (Buffer.isBuffer(part) && Buffer.isBuffer(last)) {
      result[result.length - 1] = Buffer.concat([last, part]);
    } else result.push(part);
  }
  return result;
}

function framed(parts: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = Buffer.allocUnsafe(MESSAGE_HEAD_BYTES + length);
  writeMessageHead(bytes, length);
  let at = MESSAGE_HEAD_BYTES;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
