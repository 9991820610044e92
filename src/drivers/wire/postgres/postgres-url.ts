/** Where a server of PostgreSQL is, and who asks for what, as its url says. */
export interface PostgresPlace {
  /** A name or an address; a folder (`/run/postgresql`) for a unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly database: string;
  /** `disable` without one: nothing is secured that nobody asked to be. */
  readonly sslMode: SslMode;
}

export const SSL_MODES = ['disable', 'require', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

const DEFAULT_PORT = 5432;
const DEFAULT_USER = 'postgres';

/**
 * Reads `postgres://user:password@host:port/database?sslmode=require`. A unix socket has its folder
 * as `?host=/run/postgresql`. Throws an Error that says what is wrong with it.
 */
export function readPostgresUrl(text: string): PostgresPlace {
  const url = parsed(text);
  const parameters = new Map(url.searchParams);
  const sslMode = parameters.get('sslmode') ?? 'disable';
  const folder = parameters.get('host');
  parameters.delete('sslmode');
  parameters.delete('host');
  const [unknown] = parameters.keys();
  if (unknown !== undefined) {
    throw new Error(`?${unknown}= is not known here: settings of a session go into \`settings\``);
  }
  if (!isSslMode(sslMode)) {
    throw new Error(
      `sslmode is one of ${SSL_MODES.join(', ')}: a run has to know what it measures`,
    );
  }
  const host = folder ?? url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') throw new Error('names no host');
  const user = decodeURIComponent(url.username) || DEFAULT_USER;
  const password = decodeURIComponent(url.password) || undefined;
  const database = decodeURIComponent(url.pathname.slice(1)) || user;
  return { host, port: Number(url.port || DEFAULT_PORT), user, password, database, sslMode };
}

function isSslMode(text: string): text is SslMode {
  return (SSL_MODES as readonly string[]).includes(text);
}

/** The path of a server's socket in a folder; undefined for a host. */
export function socketPath({
  host,
  port,
}: Pick<PostgresPlace, 'host' | 'port'>): string | undefined {
  return host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : undefined;
}

function parsed(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new Error('is no address such as postgres://user@host:5432/database');
  }
}
