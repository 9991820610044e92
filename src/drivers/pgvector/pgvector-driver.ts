import type { DriverContext, PreparedOperation, Session, VerbUse } from '../driver.ts';
import { POSTGRES_PHASES } from '../vocabulary/postgres/postgres-phases.ts';
import { PostgresSessions } from '../vocabulary/postgres/postgres-sessions.ts';
import { SqlStatements } from '../vocabulary/postgres/sql-statements.ts';
import { CollectionSession } from '../vocabulary/vectors/collection-session.ts';
import { LazyClient } from '../vocabulary/vectors/lazy-client.ts';
import { VectorDriver, type RawPath } from '../vocabulary/vectors/vector-driver.ts';
import { VectorTexts } from '../vocabulary/vectors/vector-texts.ts';
import type { PgvectorTargetOptions } from './pgvector-config.ts';
import { PgvectorRequests } from './pgvector-requests.ts';
import { PgvectorSession } from './pgvector-session.ts';
import { readNote, type TableNote } from './pgvector-sql.ts';
import { SessionSettings } from './search-settings.ts';

/** SQLSTATE of a table that is not there. */
const UNDEFINED_TABLE = '42P01';

/** pgvector: the measured path over sockets of our own, or all of it through `pg`. */
export function pgvectorDriver(context: DriverContext): VectorDriver {
  const client = new LazyClient(async () => {
    const { PgvectorSdkClient } = await import('./sdk/pgvector-client.ts');
    return new PgvectorSdkClient(context);
  });
  const { client: path } = context.options as Partial<PgvectorTargetOptions>;
  const raw = path === 'sdk' ? undefined : new PgvectorRawPath(context);
  return new VectorDriver(context, { client, raw, readyPhases: POSTGRES_PHASES.length });
}

class PgvectorRawPath implements RawPath {
  readonly #context: DriverContext;
  readonly #settings = new SessionSettings();
  readonly #requests: PgvectorRequests;
  readonly #notes = new Map<string, TableNote>();
  /** Made with the first session, when all searches are known. */
  #sessions: PostgresSessions | undefined;

  constructor(context: DriverContext) {
    this.#context = context;
    const statements = new SqlStatements('prepared');
    this.#requests = new PgvectorRequests(statements, new VectorTexts(), this.#settings);
  }

  get lateAnswers(): number {
    return this.#sessions?.lateAnswers ?? 0;
  }

  compile(use: VerbUse): PreparedOperation | undefined {
    switch (use.verb) {
      case 'search':
        return { bind: this.#requests.search(use) };
      case 'ingest':
        return { bind: this.#requests.ingest(use) };
      case 'update':
        return { bind: this.#requests.update(use) };
      case 'delete':
        return { bind: this.#requests.delete(use) };
      default:
        return undefined;
    }
  }

  open(slot: number): Session {
    const { slots, clock } = this.#context;
    this.#sessions ??= this.#newSessions();
    const postgres = this.#sessions.open(slot);
    const wirePhases = POSTGRES_PHASES.length;
    const inner = new PgvectorSession(postgres, slots);
    return new CollectionSession<TableNote>({
      inner,
      slots,
      clock,
      wirePhases,
      known: this.#notes,
      reasons: this.#sessions.reasons,
      read: () => noteOf(postgres.result['rows']),
      isGone: () => postgres.result['code'] === UNDEFINED_TABLE,
    });
  }

  openConnections(): number {
    return this.#sessions?.openConnections ?? 0;
  }

  failureReasons(): ReadonlyMap<string, number> {
    return this.#sessions?.reasons.counts ?? new Map();
  }

  close(): void {
    this.#sessions?.close();
  }

  #newSessions(): PostgresSessions {
    const { tls, settings } = this.#context.options as Partial<PgvectorTargetOptions>;
    return new PostgresSessions(this.#context, {
      tls,
      settings: { ...settings, ...this.#settings.ofAll },
    });
  }
}

function noteOf(rows: unknown): TableNote | undefined {
  const [row] = (rows ?? []) as readonly { readonly note?: unknown }[];
  return readNote(row?.note);
}
