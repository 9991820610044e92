import { ExpressionError } from '../../base/expressions/expression-error.ts';
import { OUTCOME } from '../../measure/metrics/outcome.ts';
import type {
  DeleteCall,
  SearchCall,
  SearchSettings,
  WriteCall,
} from '../vocabulary/vectors/vector-calls.ts';
import type { Failure } from '../vocabulary/vectors/vector-client.ts';
import { integerId } from '../vocabulary/vectors/vector-ids.ts';
import type { Found } from '../vocabulary/vectors/vector-result.ts';
import { bytesOf } from '../vocabulary/vectors/vector-values.ts';
import { messageFields, packedNumbers } from '../wire/protobuf/message-fields.ts';
import {
  lengthField,
  messageField,
  textField,
  uintField,
  varint,
} from '../wire/protobuf/message-writer.ts';
import { expressionOf, idsExpression, searchParameters } from './milvus-filter.ts';

/** Field numbers of milvus.proto: SearchRequest, InsertRequest and UpsertRequest, DeleteRequest. */
const SEARCH = {
  collection: 3,
  expression: 5,
  placeholders: 6,
  expressionType: 7,
  outputFields: 8,
  parameters: 9,
  queries: 12,
  usesDefaultConsistency: 15,
} as const;
const WRITE = { collection: 3, fieldsData: 5, rowCount: 7 } as const;
const DELETE = { collection: 3, expression: 5 } as const;
/** schema.proto: FieldData, ScalarField and VectorField. */
const FIELD = { type: 1, name: 2, scalars: 3, vectors: 4 } as const;
const TYPE = { bool: 1, int64: 5, double: 11, text: 21, floatVector: 101 } as const;
const SCALARS = { bool: 1, int64: 3, double: 5, text: 6 } as const;
const EXPRESSION_TYPE = 1;
const FLOAT_VECTOR_PLACEHOLDER = 101;
/** common.proto: codes of Status that say that the server has too much to do. */
const OVERLOADED_CODES: ReadonlySet<number> = new Set([8, 9]);

/** A SearchRequest as far as its vector has no part in it. */
export function searchHead(settings: SearchSettings): Buffer {
  const { collection, k, filter, fields } = settings;
  const parameters = {
    anns_field: 'vector',
    topk: String(k),
    params: JSON.stringify(searchParameters(settings)),
    round_decimal: '-1',
  };
  const said = Object.entries(parameters).map(([key, value]) =>
    messageField(SEARCH.parameters, textField(1, key), textField(2, value)),
  );
  return Buffer.concat([
    textField(SEARCH.collection, collection),
    ...(filter.length === 0 ? [] : [textField(SEARCH.expression, expressionOf(filter))]),
    uintField(SEARCH.expressionType, EXPRESSION_TYPE),
    ...fields.map((name) => textField(SEARCH.outputFields, name)),
    ...said,
    uintField(SEARCH.queries, 1),
    uintField(SEARCH.usesDefaultConsistency, true),
  ]);
}

const PLACEHOLDER_HEAD = Buffer.concat([
  textField(1, '$0'),
  uintField(2, FLOAT_VECTOR_PLACEHOLDER),
]);

export function searchMessage(head: Buffer, { vector }: SearchCall): Buffer {
  const value = Buffer.concat(lengthField(3, [bytesOf(vector)]));
  const placeholder = messageField(1, PLACEHOLDER_HEAD, value);
  return Buffer.concat([head, ...lengthField(SEARCH.placeholders, [placeholder])]);
}

/** An InsertRequest or UpsertRequest: rows column by column. */
export function writeMessage({ collection, ids, vectors, fields }: WriteCall): Buffer {
  const dimension = vectors[0]?.length ?? 0;
  const columns = Object.entries(fields).map(([name, values]) => scalarField(name, values));
  const floats = messageField(2, ...lengthField(1, vectors.map(bytesOf)));
  return Buffer.concat([
    textField(WRITE.collection, collection),
    fieldData('id', TYPE.int64, messageField(FIELD.scalars, int64List(ids.map(integerId)))),
    fieldData(
      'vector',
      TYPE.floatVector,
      messageField(FIELD.vectors, uintField(1, dimension), floats),
    ),
    ...columns,
    uintField(WRITE.rowCount, ids.length),
  ]);
}

export function deleteMessage({ collection, ids, filter }: DeleteCall): Buffer {
  const expression = ids === undefined ? expressionOf(filter) : idsExpression(ids);
  return Buffer.concat([
    textField(DELETE.collection, collection),
    textField(DELETE.expression, expression),
  ]);
}

/**
 * What the Status in field 1 of a SearchResults or MutationResult says, where it is no success: the
 * call itself always goes well.
 */
export function failureIn(message: Buffer): Failure | undefined {
  for (const { field, from, to } of messageFields(message, 0, message.length)) {
    if (field === 1) return statusFailure(message, from, to);
  }
  return undefined;
}

function statusFailure(bytes: Buffer, from: number, to: number): Failure | undefined {
  let code = 0;
  let reason = '';
  for (const part of messageFields(bytes, from, to)) {
    // error_code is that of servers before 2.3, code that of those since.
    if (part.field === 1 || part.field === 3) code = part.number || code;
    if (part.field === 2) reason = bytes.toString('utf8', part.from, part.to);
  }
  if (code === 0) return undefined;
  const outcome = OVERLOADED_CODES.has(code) ? OUTCOME.rejected : OUTCOME.status_error;
  return { outcome, reason: plain(reason) };
}

/** Without numbers of collections and segments, so that equal failures are counted as one. */
function plain(reason: string): string {
  return reason.replaceAll(/\d{9,}/g, '…').slice(0, 200);
}

/** SearchResults: the data in field 2. */
export function foundIn(message: Buffer, { fields }: Pick<SearchSettings, 'fields'>): Found {
  const columns = new Map<string, readonly unknown[]>();
  let ids: number[] = [];
  let distances: number[] = [];
  for (const result of messageFields(message, 0, message.length)) {
    if (result.field !== 2) continue;
    for (const { field, from, to } of messageFields(message, result.from, result.to)) {
      if (field === 3) readColumn(message, { from, to }, columns);
      if (field === 4) distances = floats(message, from, to);
      if (field === 5) ids = readIds(message, { from, to });
    }
  }
  const rows = ids.map((_, row) =>
    Object.fromEntries(fields.map((name) => [name, columns.get(name)?.[row] ?? null])),
  );
  return { ids, distances, fields: fields.length === 0 ? undefined : rows };
}

interface Place {
  readonly from: number;
  readonly to: number;
}

/** IDs: numbers in field 1, a LongArray. */
function readIds(bytes: Buffer, { from, to }: Place): number[] {
  for (const list of messageFields(bytes, from, to)) {
    if (list.field !== 1) continue;
    for (const data of messageFields(bytes, list.from, list.to)) {
      return packedNumbers(bytes, data.from, data.to);
    }
  }
  return [];
}

function readColumn(
  bytes: Buffer,
  { from, to }: Place,
  into: Map<string, readonly unknown[]>,
): void {
  let name = '';
  let values: readonly unknown[] = [];
  for (const part of messageFields(bytes, from, to)) {
    if (part.field === FIELD.name) name = bytes.toString('utf8', part.from, part.to);
    if (part.field === FIELD.scalars) values = readScalars(bytes, part);
  }
  into.set(name, values);
}

function readScalars(bytes: Buffer, { from, to }: Place): readonly unknown[] {
  for (const list of messageFields(bytes, from, to)) {
    const parts = [...messageFields(bytes, list.from, list.to)];
    if (list.field === SCALARS.text) {
      return parts.map((part) => bytes.toString('utf8', part.from, part.to));
    }
    const [data] = parts;
    if (data === undefined) return [];
    if (list.field === SCALARS.double) return doubles(bytes, data.from, data.to);
    const numbers = packedNumbers(bytes, data.from, data.to);
    return list.field === SCALARS.bool ? numbers.map((number) => number === 1) : numbers;
  }
  return [];
}

function floats(bytes: Buffer, from: number, to: number): number[] {
  return Array.from({ length: (to - from) / 4 }, (_, index) => bytes.readFloatLE(from + 4 * index));
}

function doubles(bytes: Buffer, from: number, to: number): number[] {
  return Array.from({ length: (to - from) / 8 }, (_, index) =>
    bytes.readDoubleLE(from + 8 * index),
  );
}

function fieldData(name: string, type: number, content: Buffer): Buffer {
  return messageField(
    WRITE.fieldsData,
    uintField(FIELD.type, type),
    textField(FIELD.name, name),
    content,
  );
}

/** A column of a type that its first value tells; whole numbers are int64, as `create` makes them. */
function scalarField(name: string, values: readonly unknown[]): Buffer {
  const [type, content] = scalarsOf(name, values);
  return fieldData(name, type, messageField(FIELD.scalars, content));
}

function scalarsOf(
  name: string,
  values: readonly unknown[],
): readonly [type: number, content: Buffer] {
  if (values.every((value) => typeof value === 'string')) {
    return [TYPE.text, messageField(SCALARS.text, ...values.map((text) => textField(1, text)))];
  }
  if (values.every((value) => typeof value === 'boolean')) {
    const bytes = Buffer.from(values.map(Number));
    return [TYPE.bool, messageField(SCALARS.bool, messageField(1, bytes))];
  }
  if (values.every((value) => Number.isSafeInteger(value) && Number(value) >= 0)) {
    return [TYPE.int64, int64List(values as readonly number[])];
  }
  if (values.every((value) => typeof value === 'number')) {
    const bytes = Buffer.from(Float64Array.from(values).buffer);
    return [TYPE.double, messageField(SCALARS.double, messageField(1, bytes))];
  }
  throw new ExpressionError(`${name} mixes types, or has others than text, number and boolean`, {
    text: name,
  });
}

function int64List(numbers: readonly number[]): Buffer {
  const packed = Buffer.from(numbers.flatMap(varint));
  return messageField(SCALARS.int64, messageField(1, packed));
}
