import type { CreateCall, DeleteCall, SearchSettings } from '../vocabulary/vectors/vector-calls.ts';
import { settingsAsked, type IndexSettings } from '../vocabulary/vectors/index-settings.ts';
import type { Condition, FilterOperator } from '../vocabulary/vectors/vector-filter.ts';
import { VECTOR_METRICS, type VectorMetric } from '../vocabulary/vectors/vector-schemas.ts';
import { literal, quotedName } from '../wire/postgres/sql-text.ts';

/** pgvector's README: what compares, and the operator class that an index needs for it. */
export const METRICS: Readonly<Record<VectorMetric, { operator: string; operatorClass: string }>> =
  {
    l2: { operator: '<->', operatorClass: 'vector_l2_ops' },
    cosine: { operator: '<=>', operatorClass: 'vector_cosine_ops' },
    ip: { operator: '<#>', operatorClass: 'vector_ip_ops' },
  };

/** Its methods of access by what the language calls them. */
export const METHODS = { hnsw: 'hnsw', 'ivf-flat': 'ivfflat' } as const;

const TYPES = { int: 'bigint', float: 'double precision', text: 'text', bool: 'boolean' } as const;

const OPERATORS: Readonly<Record<Exclude<FilterOperator, 'in'>, string>> = {
  eq: '=',
  ne: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
};

/** What a table has as its comment, since nothing else of it tells how its vectors are compared. */
export interface TableNote {
  readonly metric: VectorMetric;
  /** Makes the index, where that waits for the rows: lists are made of what is there. */
  readonly makeIndex?: string;
  /** What it is to be then. */
  readonly asked?: IndexSettings;
}

/** The statements that make a collection, to be run in one transaction. */
export function createStatements(call: CreateCall): string[] {
  const { collection, dimension, metric, index, fields } = call;
  const table = quotedName(collection);
  const columns = Object.entries(fields).map(
    ([name, type]) => `${quotedName(name)} ${TYPES[type]}`,
  );
  const all = ['id bigint PRIMARY KEY', `vector vector(${dimension})`, ...columns];
  const makeIndex = indexStatement(call);
  const waits = index.kind === 'ivf-flat';
  const later = { makeIndex: makeIndex!, asked: settingsAsked(call) };
  const note: TableNote = { metric, ...(waits && later) };
  return [
    `CREATE TABLE ${table} (${all.join(', ')})`,
    `COMMENT ON TABLE ${table} IS ${literal(JSON.stringify(note))}`,
    ...(makeIndex === undefined || waits ? [] : [makeIndex]),
  ];
}

function indexStatement({ collection, metric, index }: CreateCall): string | undefined {
  const { kind, m, efConstruction, lists, body } = index;
  if (kind === 'flat') return undefined;
  const own = kind === 'hnsw' ? { m, ef_construction: efConstruction } : { lists };
  const parameters = Object.entries({ ...own, ...body }).filter(([, value]) => value !== undefined);
  const said = parameters.map(([name, value]) => `${quotedName(name)} = ${Number(value)}`);
  const method = METHODS[kind === 'hnsw' ? 'hnsw' : 'ivf-flat'];
  const options = said.length === 0 ? '' : ` WITH (${said.join(', ')})`;
  const { operatorClass } = METRICS[metric];
  const table = quotedName(collection);
  return `CREATE INDEX ON ${table} USING ${method} (vector ${operatorClass})${options}`;
}

/** The note of the table that `$1` names; an error where there is no such table. */
export const NOTE_STATEMENT = "SELECT obj_description($1::regclass, 'pg_class') AS note";

/** Undefined where nobody left a note. */
export function readNote(text: unknown): TableNote | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const note = JSON.parse(text) as TableNote;
    return VECTOR_METRICS.includes(note.metric) ? note : undefined;
  } catch {
    return undefined;
  }
}

/** Conditions as SQL, with parameters from number `first` on, and their values. */
export function whereOf(
  conditions: readonly Condition[],
  first: number,
): { readonly sql: string; readonly values: readonly unknown[] } {
  const each = conditions.map(({ field, operator }, index) => {
    const parameter = `$${first + index}`;
    if (operator === 'in') return `${quotedName(field)} = ANY(${parameter})`;
    return `${quotedName(field)} ${OPERATORS[operator]} ${parameter}`;
  });
  const sql = each.length === 0 ? '' : ` WHERE ${each.join(' AND ')}`;
  return { sql, values: conditions.map(({ value }) => value) };
}

/** `$1` is the vector, then come the values of the filter. */
export function searchStatement(settings: SearchSettings, { metric }: TableNote): string {
  const { collection, k, filter, fields } = settings;
  const distance = `vector ${METRICS[metric].operator} $1::vector`;
  const columns = ['id', `${distance} AS distance`, ...fields.map(quotedName)];
  const where = whereOf(filter, 2).sql;
  return `SELECT ${columns.join(', ')} FROM ${quotedName(collection)}${where} ORDER BY ${distance} LIMIT ${k}`;
}

/** `$1` is a JSON list of rows: the table itself says which types its columns have. */
export function updateStatement(collection: string, fields: readonly string[]): string {
  const table = quotedName(collection);
  const set = ['vector', ...fields].map((name) => `${quotedName(name)} = r.${quotedName(name)}`);
  return (
    `UPDATE ${table} AS t SET ${set.join(', ')} ` +
    `FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb) AS r WHERE t.id = r.id`
  );
}

export function copyStatement(collection: string, fields: readonly string[]): string {
  const columns = ['id', 'vector', ...fields].map(quotedName);
  return `COPY ${quotedName(collection)} (${columns.join(', ')}) FROM STDIN`;
}

/** `$1` is the list of ids, or `$1` and so on are the values of the filter. */
export function deleteStatement({ collection, ids, filter }: DeleteCall): string {
  const where = ids === undefined ? whereOf(filter, 1).sql : ' WHERE id = ANY($1::bigint[])';
  return `DELETE FROM ${quotedName(collection)}${where}`;
}

/** What a session searches with unless told otherwise (pgvector's README). */
export const SEARCH_SETTINGS = {
  ef: { name: 'hnsw.ef_search', fallback: 40 },
  nprobe: { name: 'ivfflat.probes', fallback: 1 },
} as const;

export type SearchKey = keyof typeof SEARCH_SETTINGS;
