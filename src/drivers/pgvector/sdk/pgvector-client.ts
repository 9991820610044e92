import pg from 'pg';
import { OUTCOME } from '../../../measure/metrics/outcome.ts';
import { reasonOf } from '../../../base/errors/loadgen-error.ts';
import type { DriverContext } from '../../driver.ts';
import type { IndexSettings } from '../../vocabulary/vectors/index-settings.ts';
import type {
  CreateCall,
  DeleteCall,
  DropCall,
  SearchCall,
  WriteCall,
} from '../../vocabulary/vectors/vector-calls.ts';
import type { Failure, Progress, VectorClient } from '../../vocabulary/vectors/vector-client.ts';
import { integerId } from '../../vocabulary/vectors/vector-ids.ts';
import type { Found } from '../../vocabulary/vectors/vector-result.ts';
import { quotedName } from '../../wire/postgres/sql-text.ts';
import { isOverload, shownServerError } from '../../wire/postgres/server-error.ts';
import { PgvectorFound } from '../pgvector-answer.ts';
import { INDEX_STATEMENT, settingsOf, type IndexRow } from '../kept-index.ts';
import type { PgvectorTargetOptions } from '../pgvector-config.ts';
import {
  createStatements,
  deleteStatement,
  NOTE_STATEMENT,
  readNote,
  SEARCH_SETTINGS,
  searchStatement,
  updateStatement,
  whereOf,
  type SearchKey,
  type TableNote,
} from '../pgvector-sql.ts';

/** As `toSql` of pgvector's own package for Node. */
function sqlOf(vector: Float32Array): string {
  return JSON.stringify(Array.from(vector));
}

/** pgvector through `pg`: as many connections as VUs, prepared statements, no retries. */
export class PgvectorSdkClient implements VectorClient {
  readonly #pool: pg.Pool;
  readonly #notes = new Map<string, TableNote>();
  /** What each connection was last told to search with. */
  readonly #told = new WeakMap<pg.PoolClient, Map<SearchKey, number>>();
  /** Rows that the last look counted, by collection. */
  readonly #rowsBefore = new Map<string, number>();

  constructor({ url, slots, connectTimeoutMs, options }: DriverContext) {
    const { settings = {} } = options as Partial<PgvectorTargetOptions>;
    const said = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
    this.#pool = new pg.Pool({
      connectionString: url,
      max: slots.count,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: connectTimeoutMs,
      options: said.join(' '),
      types: { getTypeParser: typeParser },
    });
    // Told to whoever uses the connection next.
    this.#pool.on('error', () => {});
  }

  async connect(): Promise<boolean> {
    try {
      (await this.#pool.connect()).release();
      return true;
    } catch {
      return false;
    }
  }

  async create(call: CreateCall): Promise<void> {
    await this.#pool.query('CREATE EXTENSION IF NOT EXISTS vector');
    // Statements that are said at once are one transaction.
    await this.#pool.query(createStatements(call).join('; '));
    this.#notes.delete(call.collection);
  }

  /** Nothing of an index that waits for its rows. */
  async settings(collection: string): Promise<IndexSettings> {
    const { makeIndex } = await this.#note(collection);
    return makeIndex === undefined ? this.#indexOf(collection) : {};
  }

  async write({ verb, collection, ids, vectors, fields }: WriteCall): Promise<void> {
    const names = Object.keys(fields);
    const rows = ids.map((id, row) => ({
      id: integerId(id),
      vector: sqlOf(vectors[row]!),
      ...Object.fromEntries(names.map((name) => [name, fields[name]![row]])),
    }));
    const sql =
      verb === 'update' ? updateStatement(collection, names) : insertStatement(collection, names);
    await this.#pool.query({ name: nameOf(sql), text: sql, values: [JSON.stringify(rows)] });
  }

  async search({ settings, vector }: SearchCall): Promise<Found> {
    const text = searchStatement(settings, await this.#note(settings.collection));
    const values = [sqlOf(vector), ...whereOf(settings.filter, 2).values];
    const client = await this.#pool.connect();
    try {
      await this.#tell(client, settings);
      const { rows } = await client.query<Record<string, unknown>>({
        name: nameOf(text),
        text,
        values,
      });
      const valuesOf = (column: string): unknown[] => rows.map((row) => row[column]);
      return new PgvectorFound({ rows, valuesOf }, settings);
    } finally {
      client.release();
    }
  }

  async delete(call: DeleteCall): Promise<void> {
    const ids = call.ids?.map(integerId);
    const values = ids === undefined ? [...whereOf(call.filter, 1).values] : [ids];
    await this.#pool.query(deleteStatement(call), values);
  }

  async drop({ collection }: DropCall): Promise<void> {
    this.#notes.delete(collection);
    await this.#pool.query(`DROP TABLE IF EXISTS ${quotedName(collection)}`);
  }

  /** An index that waits for its rows is made once no more come. */
  async progress(collection: string): Promise<Progress> {
    const table = quotedName(collection);
    const counted = await this.#pool.query<{ rows: string }>(
      `SELECT count(*) AS rows FROM ${table}`,
    );
    const rows = Number(counted.rows[0]!.rows);
    const isStill = rows > 0 && rows === this.#rowsBefore.get(collection);
    this.#rowsBefore.set(collection, rows);
    const note = await this.#note(collection);
    const found = { rows, isSearchable: rows > 0 };
    if (note.makeIndex !== undefined && isStill) {
      const { metric } = note;
      await this.#pool.query(note.makeIndex);
      await this.#pool.query(`COMMENT ON TABLE ${table} IS '${JSON.stringify({ metric })}'`);
      this.#notes.set(collection, { metric });
      const made = { asked: note.asked ?? {}, kept: await this.#indexOf(collection) };
      return { ...found, isIndexed: true, made };
    }
    return { ...found, isIndexed: rows > 0 && note.makeIndex === undefined };
  }

  failureOf(thrown: unknown): Failure {
    const { code, message } = thrown as { readonly code?: string; readonly message?: string };
    if (thrown instanceof pg.DatabaseError) {
      const error = { code: code ?? '', message: thrown.message, severity: thrown.severity ?? '' };
      return {
        outcome: isOverload(error) ? OUTCOME.rejected : OUTCOME.status_error,
        reason: shownServerError(error),
      };
    }
    const isRefused = code === 'ECONNREFUSED' || message?.startsWith('timeout exceeded') === true;
    const outcome = isRefused ? OUTCOME.connect_failed : OUTCOME.connection_lost;
    return { outcome, reason: code ?? reasonOf(thrown) };
  }

  close(): void {
    // Whatever is open is ended by the end of the process at the latest.
    void this.#pool.end().catch(() => {});
  }

  async #indexOf(collection: string): Promise<IndexSettings> {
    const { rows } = await this.#pool.query<IndexRow>(INDEX_STATEMENT, [quotedName(collection)]);
    return settingsOf(rows[0]);
  }

  async #note(collection: string): Promise<TableNote> {
    const known = this.#notes.get(collection);
    if (known !== undefined) return known;
    const { rows } = await this.#pool.query<{ note: unknown }>(NOTE_STATEMENT, [
      quotedName(collection),
    ]);
    const note = readNote(rows[0]?.note);
    if (note === undefined) throw new Error(`no collection ${collection}`);
    this.#notes.set(collection, note);
    return note;
  }

  async #tell(client: pg.PoolClient, settings: SearchCall['settings']): Promise<void> {
    const told = this.#told.get(client) ?? new Map<SearchKey, number>();
    this.#told.set(client, told);
    for (const key of ['ef', 'nprobe'] as const) {
      const { name, fallback } = SEARCH_SETTINGS[key];
      const value = settings[key] ?? fallback;
      if ((told.get(key) ?? fallback) === value) continue;
      await client.query(`SET ${name} = ${value}`);
      told.set(key, value);
    }
  }
}

function insertStatement(collection: string, fields: readonly string[]): string {
  const table = quotedName(collection);
  const columns = ['id', 'vector', ...fields].map(quotedName).join(', ');
  return (
    `INSERT INTO ${table} (${columns}) ` +
    `SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`
  );
}

/** Statements are prepared under names: the same text has the same one. */
function nameOf(sql: string): string {
  let hash = 0;
  for (let i = 0; i < sql.length; i++) hash = (Math.imul(hash, 31) + sql.charCodeAt(i)) | 0;
  return `v${(hash >>> 0).toString(16)}_${sql.length}`;
}

/** Integers of 64 bits as numbers, which ids are; all else as `pg` has it. */
function typeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format as 'text');
}
