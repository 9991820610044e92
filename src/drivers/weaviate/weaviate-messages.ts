import { ExpressionError } from '../../base/expressions/expression-error.ts';
import type { SearchCall, SearchSettings, WriteCall } from '../vocabulary/vectors/vector-calls.ts';
import type {
  Condition,
  FilterOperator,
  FilterValue,
} from '../vocabulary/vectors/vector-filter.ts';
import { idOfUuid, uuidOfId } from '../vocabulary/vectors/vector-ids.ts';
import type { Found } from '../vocabulary/vectors/vector-result.ts';
import { bytesOf } from '../vocabulary/vectors/vector-values.ts';
import { messageFields } from '../wire/protobuf/message-fields.ts';
import {
  bytesField,
  doubleField,
  int64Field,
  messageField,
  textField,
  uintField,
} from '../wire/protobuf/message-writer.ts';
import { className } from './weaviate-config.ts';

/** Field numbers of weaviate.v1: search_get.proto, base.proto, batch.proto, properties.proto. */
const SEARCH = { collection: 1, properties: 20, metadata: 21, limit: 30, filters: 40 } as const;
const NEAR_VECTOR = { field: 43, vectorBytes: 4 } as const;
const USES_127_API = 102;
const METADATA_REQUEST = { uuid: 1, distance: 5 } as const;
const NON_REF_PROPERTIES = 1;
const OPERATOR: Readonly<Record<FilterOperator | 'and', number>> = {
  eq: 1,
  ne: 2,
  gt: 3,
  gte: 4,
  lt: 5,
  lte: 6,
  and: 7,
  in: 12,
};
const FILTER = {
  operator: 1,
  filters: 3,
  text: 4,
  int: 5,
  bool: 6,
  number: 7,
  target: 20,
} as const;
const FILTER_LIST = { text: 9, int: 10, bool: 11, number: 12 } as const;
const OBJECT = { uuid: 1, properties: 3, collection: 4, vectorBytes: 6 } as const;
const STRUCT_VALUE = { number: 2, text: 3, bool: 4 } as const;

/** A SearchRequest as far as its vector has no part in it. */
export function searchHead({ collection, k, filter, fields }: SearchSettings): Buffer {
  const wanted = fields.map((name) => textField(NON_REF_PROPERTIES, name));
  const metadata = [
    uintField(METADATA_REQUEST.uuid, true),
    uintField(METADATA_REQUEST.distance, true),
  ];
  return Buffer.concat([
    textField(SEARCH.collection, className(collection)),
    messageField(SEARCH.properties, ...wanted),
    messageField(SEARCH.metadata, ...metadata),
    uintField(SEARCH.limit, k),
    ...(filter.length === 0 ? [] : [messageField(SEARCH.filters, ...filterParts(filter))]),
    uintField(USES_127_API, true),
  ]);
}

export function searchMessage(head: Buffer, { vector }: SearchCall): Buffer {
  const near = bytesField(NEAR_VECTOR.vectorBytes, bytesOf(vector));
  return Buffer.concat([head, messageField(NEAR_VECTOR.field, near)]);
}

/** A BatchObjectsRequest. */
export function batchMessage({ collection, ids, vectors, fields }: WriteCall): Buffer {
  const name = textField(OBJECT.collection, className(collection));
  const columns = Object.entries(fields);
  return Buffer.concat(
    ids.map((id, row) => {
      const members = columns.map(([field, values]) => structMember(field, values[row]));
      return messageField(
        1,
        textField(OBJECT.uuid, uuidOfId(id)),
        name,
        ...(members.length === 0
          ? []
          : [messageField(OBJECT.properties, messageField(NON_REF_PROPERTIES, ...members))]),
        bytesField(OBJECT.vectorBytes, bytesOf(vectors[row]!)),
      );
    }),
  );
}

/** What a BatchObjectsReply says of the first row that was refused; undefined where none was. */
export function batchError(reply: Buffer): string | undefined {
  for (const { field, from, to } of messageFields(reply, 0, reply.length)) {
    if (field !== 2) continue;
    for (const part of messageFields(reply, from, to)) {
      if (part.field === 2) return reply.toString('utf8', part.from, part.to);
    }
    return 'a row was refused';
  }
  return undefined;
}

/** What a SearchReply found. */
export function foundIn(reply: Buffer, { fields }: Pick<SearchSettings, 'fields'>): Found {
  const ids: Found['ids'][number][] = [];
  const distances: number[] = [];
  const rows: Record<string, unknown>[] = [];
  for (const { field, from, to } of messageFields(reply, 0, reply.length)) {
    if (field !== 2) continue;
    rows.push({});
    for (const part of messageFields(reply, from, to)) {
      if (part.field === 1) readProperties(reply, part, rows.at(-1)!);
      if (part.field !== 2) continue;
      const { id, distance } = readMetadata(reply, part);
      ids.push(idOfUuid(id));
      distances.push(distance);
    }
  }
  return { ids, distances, fields: fields.length === 0 ? undefined : rows };
}

interface Place {
  readonly from: number;
  readonly to: number;
}

/** MetadataResult: the id as text in 1, the distance as a float in 7. */
function readMetadata(bytes: Buffer, { from, to }: Place): { id: string; distance: number } {
  let id = '';
  // Of nothing but zeros nothing is written.
  let distance = 0;
  for (const part of messageFields(bytes, from, to)) {
    if (part.field === 1) id = bytes.toString('latin1', part.from, part.to);
    if (part.field === 7) distance = bytes.readFloatLE(part.from);
  }
  return { id, distance };
}

/** PropertiesResult: 11 holds Properties, whose entries have the name in 1 and the value in 2. */
function readProperties(bytes: Buffer, { from, to }: Place, into: Record<string, unknown>): void {
  for (const part of messageFields(bytes, from, to)) {
    if (part.field !== 11) continue;
    for (const entry of messageFields(bytes, part.from, part.to)) {
      let name = '';
      let value: unknown = null;
      for (const side of messageFields(bytes, entry.from, entry.to)) {
        if (side.field === 1) name = bytes.toString('utf8', side.from, side.to);
        if (side.field === 2) value = readValue(bytes, side);
      }
      into[name] = value;
    }
  }
}

/** Value: a double in 1, a bool in 3, an integer in 8, a text in 13; others are not asked for. */
function readValue(bytes: Buffer, { from, to }: Place): unknown {
  for (const { field, number, ...place } of messageFields(bytes, from, to)) {
    if (field === 1) return bytes.readDoubleLE(place.from);
    if (field === 3) return number === 1;
    if (field === 8) return number;
    if (field === 13) return bytes.toString('utf8', place.from, place.to);
  }
  return null;
}

function filterParts(conditions: readonly Condition[]): Buffer[] {
  const each = conditions.map(conditionParts);
  if (each.length === 1) return each[0]!;
  const inner = each.map((parts) => messageField(FILTER.filters, ...parts));
  return [uintField(FILTER.operator, OPERATOR.and), ...inner];
}

function conditionParts({ field, operator, value }: Condition): Buffer[] {
  return [
    uintField(FILTER.operator, OPERATOR[operator]),
    Array.isArray(value)
      ? listValue(value as readonly FilterValue[])
      : oneValue(value as FilterValue),
    messageField(FILTER.target, textField(1, field)),
  ];
}

function oneValue(value: FilterValue): Buffer {
  if (typeof value === 'string') return textField(FILTER.text, value);
  if (typeof value === 'boolean') return uintField(FILTER.bool, value);
  if (Number.isSafeInteger(value)) return int64Field(FILTER.int, BigInt(value));
  return doubleField(FILTER.number, value);
}

function listValue(values: readonly FilterValue[]): Buffer {
  const [first] = values;
  if (typeof first === 'string') {
    return messageField(FILTER_LIST.text, ...values.map((value) => textField(1, String(value))));
  }
  if (values.every(Number.isSafeInteger)) {
    return messageField(FILTER_LIST.int, ...values.map((value) => int64Field(1, BigInt(value))));
  }
  return messageField(FILTER_LIST.number, ...values.map((value) => doubleField(1, Number(value))));
}

/** An entry of a google.protobuf.Struct. */
function structMember(name: string, value: unknown): Buffer {
  return messageField(1, textField(1, name), messageField(2, structValue(name, value)));
}

function structValue(name: string, value: unknown): Buffer {
  if (typeof value === 'string') return textField(STRUCT_VALUE.text, value);
  if (typeof value === 'boolean') return uintField(STRUCT_VALUE.bool, value);
  if (typeof value === 'number') return doubleField(STRUCT_VALUE.number, value);
  throw new ExpressionError(`${name} is ${typeof value}, no text, number or boolean`, {
    text: name,
  });
}
